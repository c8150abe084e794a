"""How measures, and the filters of their list, are drawn.

A list shows the same rows to everyone, over and over. A row and a filter are drawn once for each content they
have had; what they show is the whole key, so that nothing drawn can be out of date.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import segno
from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dialog.templatetags.dialog import when
from measures.charts import Chart, reported_chart
from measures.filters import Group
from measures.models.measures import Standing

register = template.Library()

#: Some megabytes; then it begins anew.
MAX_DRAWN = 4000

_drawn: dict[tuple, SafeString] = {}


def _draw(key: tuple, draw: Callable[[], SafeString]) -> SafeString:
    if settings.DEBUG:  # whoever works on a template wants to see it
        return draw()
    key = (get_language(), *key)
    html = _drawn.get(key)
    if html is None:
        if len(_drawn) >= MAX_DRAWN:
            _drawn.clear()
        html = _drawn[key] = draw()
    return html


@register.simple_tag
def measure_row(measure: Any) -> SafeString:
    """A measure in a list; it needs its `standing` and `places`, its field and its lead."""
    shown = (
        *(measure.number, measure.slug, measure.title, measure.is_example, measure.standing, measure.progress),
        *(measure.last_news_on, measure.starts_on, measure.ends_on, measure.date_precision),
        *(measure.field.name, measure.field.accent, measure.lead.name, measure.places, measure.news_is_example),
    )
    return _draw(shown, lambda: render_to_string("measures/measure_row.html", {"measure": measure}))


@register.simple_tag
def filter_group(group: Group) -> SafeString:
    """A filter with its choices, what each would find, and what is chosen."""
    return _draw((group,), lambda: render_to_string("measures/filter_group.html", {"group": group}))


@register.filter
def absolute(address: str) -> str:
    """An address of the portal in full, as it must stand on paper."""
    return urljoin(settings.BASE_URL, address)


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
