"""How measures, and the filters of their list, are drawn.

A list shows the same rows to everyone, over and over: a row and a filter are drawn once for each content.
"""

from typing import Any

import segno
from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dialog.drawn import once
from dialog.templatetags.dialog import absolute, when
from measures.charts import Chart, reported_chart
from measures.filters import Group
from measures.models.measures import Standing

register = template.Library()


@register.simple_tag
def measure_row(measure: Any, places: str) -> SafeString:
    """A measure in a list, as `for_lists` has it, and where it is."""
    shown = {"measure": measure, "places": places}
    return once((measure, places), lambda: render_to_string("measures/measure_row.html", shown))


@register.simple_tag
def measure_table_row(measure: Any) -> SafeString:
    """A measure in the list as a table."""
    key = ("table", measure)
    return once(key, lambda: render_to_string("measures/measure_table_row.html", {"measure": measure}))


@register.simple_tag
def filter_group(group: Group) -> SafeString:
    """A filter with its choices, what each would find, and what is chosen."""
    return once((group,), lambda: render_to_string("measures/filter_group.html", {"group": group}))


@register.simple_tag(takes_context=True)
def way(context: template.Context, name: str, text: str, query: str = "") -> SafeString:
    """A way to look at the measures, with what is chosen as `query`; the one for the current page is marked."""
    address = reverse(name)
    current = mark_safe(' aria-current="page"') if context["request"].path == address else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', f"{address}?{query}" if query else address, current, text)


@register.simple_tag
def qr(address: str) -> SafeString:
    """An address of the portal as QR code, with the address as the alternative to the picture."""
    code = segno.make(absolute(address), error="m", micro=False)
    title = _("QR-Code: %(address)s") % {"address": absolute(address)}
    return mark_safe(code.svg_inline(border=0, omitsize=True, svgclass="qr", title=title))


@register.filter
def chart(indicator: dict[str, Any]) -> Chart | None:
    """The chart of an indicator in a report."""
    return reported_chart(indicator)


@register.filter
def news(measure: Any) -> str:
    """The date that matters most where a measure stands (it needs its `standing`): “Neues vom 14. November 2026”."""
    if measure.standing == Standing.DECIDED and measure.starts_on:
        return _("Beginn: %(date)s") % {"date": when(measure.starts_on, measure.date_precision)}
    if measure.standing == Standing.DONE and measure.ends_on:
        return _("beendet: %(date)s") % {"date": when(measure.ends_on, measure.date_precision)}
    if measure.standing == Standing.QUIET:
        return _("zuletzt am %(date)s") % {"date": when(measure.last_news_on)}
    return _("Neues vom %(date)s") % {"date": when(measure.last_news_on)}
