"""How things are written and drawn on pages and in documents; available in every template."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.dateformat import time_format as format_time
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dialog.drawn import once
from dialog.models import DatePrecision
from dialog.panels import render as render_panels
from dialog.services.followings import is_following
from dialog.sharing import head as sharing_head

register = template.Library()


@register.filter
def when(date: dt.date | None, precision: str = DatePrecision.DAY) -> str:
    """A date as a German reader writes it, no more exact than it is known: “5. September 2007”, “September 2008”."""
    if date is None:
        return ""
    formats = {DatePrecision.DAY: "j. F Y", DatePrecision.MONTH: "F Y", DatePrecision.YEAR: "Y"}
    return format_date(date, formats[DatePrecision(precision)])


@register.filter
def iso_day(day: str) -> str:
    """The same for a day that stands as “2026-03-10” in stored content."""
    return when(dt.date.fromisoformat(day)) if day else ""


@register.filter
def since(moment: dt.datetime) -> str:
    """How long something has lasted, in the case that German asks for: “seit heute”, “seit 2 Tagen”."""
    days = (timezone.localdate() - timezone.localdate(moment)).days
    if days <= 0:
        return _("seit heute")
    if days < 14:
        return ngettext("seit gestern", "seit %(number)d Tagen", days) % {"number": days}
    if days < 60:
        return _("seit %(number)d Wochen") % {"number": days // 7}
    if days < 730:
        return _("seit %(number)d Monaten") % {"number": days // 30}
    return _("seit %(number)d Jahren") % {"number": days // 365}


@register.simple_tag
def period(starts_on: dt.date | None, ends_on: dt.date | None, precision: str = DatePrecision.DAY) -> str:
    """A stretch of time: “April bis Juli 2007”, “seit Juli 2008”, “2009”."""
    start, end = when(starts_on, precision), when(ends_on, precision)
    if start and not end:
        return _("seit %(start)s") % {"start": start}
    if end and not start:
        return _("bis %(end)s") % {"end": end}
    if start == end:
        return start
    if starts_on and ends_on and starts_on.year == ends_on.year and precision != DatePrecision.YEAR:
        start = format_date(starts_on, "F" if precision == DatePrecision.MONTH else "j. F")
    return _("%(start)s bis %(end)s") % {"start": start, "end": end}


@register.filter
def lines(text: str) -> list[str]:
    """The non-empty lines of a text whose lines are entries of a list."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@register.simple_tag(takes_context=True)
def panels(context: template.Context, place: str, row: object = None) -> str:
    """What upper floors say at `place` about `row`."""
    return render_panels(place, context["request"], row)


@register.inclusion_tag("dialog/partials/follow_button.html", takes_context=True)
def follow_button(context: template.Context, kind: str, row: Any) -> dict[str, Any]:
    """The button that begins or ends following `row`, a row of a kind that can be followed."""
    user = context["request"].user
    return {
        "kind": kind,
        "row": row,
        "user": user,
        "following": user.is_authenticated and is_following(user, row),
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(takes_context=True)
def sharing(context: template.Context, row: Any = None) -> SafeString:
    """What the head says to search engines and to those who share the address."""
    return sharing_head(getattr(context.get("request"), "path", "/"), row)


# ── page frame ──────────────────────────────────────────────────────────────────────────────────────────


@register.simple_tag(takes_context=True)
def nav_link(context: template.Context, name: str, text: str, *sections: str) -> str:
    """One entry of a navigation; marks the page itself, and the section if the page lies under it or `sections`."""
    address = reverse(name)
    path = getattr(context.get("request"), "path", "")
    inside = (address, *sections) if address != "/" else sections
    current = "page" if path == address else "true" if path.startswith(tuple(inside)) else ""
    marked = format_html(' aria-current="{}"', current) if current else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', address, marked, text)


@register.filter
def nav_place(path: str | None) -> str:
    """Where a page stands among entries of a navigation that each lead to a first folder: `/termine/`, or below it."""
    folder, _slash, rest = (path or "").removeprefix("/").partition("/")
    return f"/{folder}/…" if rest else path or ""


class OnceNode(template.Node):
    """The block of `{% once %}`."""

    def __init__(self, name: str, key: list[template.base.FilterExpression], nodelist: template.NodeList) -> None:
        self.name, self.key, self.nodelist = name, key, nodelist

    def render(self, context: template.Context) -> SafeString:
        key = (self.name, *(expression.resolve(context) for expression in self.key))
        return once(key, lambda: self.nodelist.render(context))


@register.tag(name="once")
def once_tag(parser: template.base.Parser, token: template.base.Token) -> OnceNode:
    """`{% once "name" value … %}…{% endonce %}`: a block that is drawn once for each of the values it depends on."""
    _tag, name, *values = token.split_contents()
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return OnceNode(name.strip('"'), [parser.compile_filter(value) for value in values], nodelist)


@register.filter
def dressed(field: BoundField) -> BoundField:
    """The form field with KERN's classes on its control, and without placeholder: labels and hints do not vanish."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", None)
    error = "--error" if field.errors else ""
    if kind in {"checkbox", "radio"}:
        name = f"kern-form-check__{kind}"
    elif kind == "select":
        name = "kern-form-input__select"
    else:
        name = "kern-form-input__input"
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {name} {name + error if error else ''}".strip()
    widget.attrs.pop("placeholder", None)
    return field


# ── drawn on the server ─────────────────────────────────────────────────────────────────────────────────

#: Lines of the icons, on a grid of 24.
ICONS = {
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.3 15.3 21 21",
    "calendar": "M4 6h16v14H4ZM4 10.5h16M8.5 3v4M15.5 3v4",
    "people": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0"
    "M15.5 4.4a3.5 3.5 0 0 1 0 6.2M17.5 14.2a6.5 6.5 0 0 1 4 5.8",
    "place": "M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21ZM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    "document": "M6 3h8l4 4v14H6ZM14 3v4h4M9 12h6M9 16h6",
    "download": "M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14",
    "mail": "M3 6h18v12H3ZM3 7l9 7 9-7",
    "lock": "M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "arrow": "M4 12h15M13 6l6 6-6 6",
    "check": "M5 12.5 10 17.5 19.5 7",
    "cross": "M6 6l12 12M18 6 6 18",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.5l3.5 2",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.5v.01",
    "success": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8 12.5l3 3 5.5-6.5",
    "warning": "M12 4 2.5 20h19ZM12 10v4.5M12 17.3v.01",
    "error": "M8 3h8l5 5v8l-5 5H8l-5-5V8ZM12 8v5M12 16.3v.01",
}
ICONS["debug"] = ICONS["info"]


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small line drawing that only accompanies words. KeyError for an unknown name."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>', ICONS[name]
    )


#: How the states of measures, recommendations and points of resolutions look: mark and, as a badge, word.
MARKS = {
    "done": ("done", gettext_lazy("Abgeschlossen")),
    "in_progress": ("run", gettext_lazy("In Umsetzung")),
    "decided": ("dec", gettext_lazy("Beschlossen")),
    "quiet": ("quiet", gettext_lazy("Ohne Neuigkeit")),
    "proposed": ("prop", gettext_lazy("Vorgeschlagen")),
    "stopped": ("stop", gettext_lazy("Eingestellt")),
    "merged": ("merged", gettext_lazy("Zusammengeführt")),
    "drafted": ("prop", gettext_lazy("Im Entwurf")),
    "presented": ("dec", gettext_lazy("Vorgestellt")),
    "adopted": ("dec", gettext_lazy("Angenommen")),
    "not_adopted": ("stop", gettext_lazy("Nicht angenommen")),
    "taken_up": ("run", gettext_lazy("Aufgegriffen")),
    "rejected": ("stop", gettext_lazy("Nicht weiterverfolgt")),
    "open": ("dec", gettext_lazy("Offen")),
    "under_way": ("run", gettext_lazy("In Umsetzung")),
    "ongoing": ("run", gettext_lazy("Laufend")),
    "agrees": ("done", gettext_lazy("Stimmt zu")),
    "remarks": ("dec", gettext_lazy("Stimmt mit Anmerkungen zu")),
    "dissents": ("stop", gettext_lazy("Widerspricht")),
}
_SHAPES = {
    "done": '<path d="M1.5 6.5 4.7 9.7 10.5 2.5" fill="none" stroke="currentColor" stroke-width="2.2"/>',
    "run": '<path d="M2 1v10l9-5Z" fill="currentColor"/>',
    "dec": '<circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-width="2"/>',
    "quiet": '<path d="M1 6h0M6 6h0M11 6h0" stroke="currentColor" stroke-width="2.6" stroke-linecap="round"/>',
    "prop": '<circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2 2"/>',
    "stop": '<path d="M2 2h8v8H2Z" fill="currentColor"/>',
    "merged": '<path d="M1 2 5.5 6H11M1 10 5.5 6" fill="none" stroke="currentColor" stroke-width="2"/>',
}


@register.simple_tag
def standing_badge(standing: str, label: str = "") -> SafeString:
    """A state as word, shape and colour; `label` replaces the usual word. Unknown states get the plainest mark."""
    mark, word = MARKS.get(str(standing), ("dec", str(standing)))
    return format_html(
        '<span class="badge b-{0}"><svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">{1}</svg>{2}</span>',
        mark,
        mark_safe(_SHAPES[mark]),
        label or word,
    )


@register.simple_tag
def meter(percent: int) -> SafeString:
    """A bar filled to `percent` (0 to 100), read out as such."""
    return format_html(
        '<svg class="meter" role="img" aria-label="{label}"><rect class="ground" width="100%" height="100%"/>'
        '<rect class="filled" width="{percent}%" height="100%"/></svg>',
        label=_("Fortschritt: %(percent)s Prozent") % {"percent": percent},
        percent=max(0, min(100, percent)),
    )


#: Patterns over a segment's colour. They need no `id`, so that a page may hold any number of bars.
_PATTERNS = {
    "run": '<g transform="skewX(-40)">'
    '<line class="hatch" x2="2400" y1="7" y2="7" stroke-width="14" stroke-dasharray="2 6"/></g>',
    "quiet": '<g class="dots" stroke-width="2" stroke-linecap="round" stroke-dasharray="0 5">'
    '<line x1="3" x2="2400" y1="4.5" y2="4.5"/><line x1="5.5" x2="2400" y1="9.5" y2="9.5"/></g>',
    "stop": '<line class="hatch" x2="2400" y1="7" y2="7" stroke-width="2"/>',
    "merged": '<line class="hatch" x2="2400" y1="7" y2="7" stroke-width="14" stroke-dasharray="2 4"/>',
}


def _segment(mark: str) -> SafeString:
    pattern = mark_safe(_PATTERNS.get(mark, ""))
    return format_html('<rect class="s-{}" width="100%" height="100%"/>{}', mark, pattern)


@register.inclusion_tag("partials/share_bar.html")
def share_bar(counts: Iterable[tuple[str, str, int]], with_legend: bool = False, address: str = "") -> dict[str, Any]:
    """How a whole divides: `counts` are (state, words for it, number), drawn in this order, empty ones left out.

    The words and numbers are the bar's text alternative, or stand beside it as its legend; there the words lead
    to `address` with the state added to it (`/massnahmen/?stand=`).
    """
    shown = [
        (str(state), MARKS.get(str(state), ("dec", ""))[0], label, number) for state, label, number in counts if number
    ]
    total = sum(number for *_what, number in shown)
    start = 0.0
    segments = []
    for _state, mark, _label, number in shown:
        width = 100 * number / total
        segments.append((f"{start:.2f}%", f"{width:.2f}%", _segment(mark), start > 0))
        start += width
    return {
        "segments": segments,
        "legend": [
            (_segment(mark), label, number, address and f"{address}{state}") for state, mark, label, number in shown
        ],
        "with_legend": with_legend,
        "label": ", ".join(f"{number} {label}" for _state, _mark, label, number in shown),
    }


@register.simple_tag
def shares_in_words(counts: Iterable[tuple[str, str, int]]) -> str:
    """The same in short words, for a small place: “7 abgeschlossen, 10 in Umsetzung”."""
    words = ((number, str(MARKS[str(state)][1])) for state, _label, number in counts if number)
    pieces = (f"{number} {word[:1].lower()}{word[1:]}" for number, word in words)
    return ", ".join(piece.replace(" ", "\N{NO-BREAK SPACE}") for piece in pieces)


@register.simple_tag
def field_tag(field: Any, link: bool = False) -> SafeString:
    """A field of action: its colour and, always beside it, its name."""
    if link:
        return format_html(
            '<a class="tag field-{}" href="{}">{}</a>', field.accent, field.get_absolute_url(), field.name
        )
    return format_html('<span class="tag field-{}">{}</span>', field.accent, field.name)


@register.simple_tag
def example(row: Any) -> str:
    """Marks an invented entry; nothing for what really happened."""
    return format_html('<span class="example">{}</span>', _("Beispiel")) if row.is_example else ""


@register.simple_tag
def source(row: Any) -> str:
    """Where an entry comes from, as a small line; nothing if that is not noted."""
    if not row.source:
        return ""
    return format_html('<p class="source">{}</p>', _("Quelle: %(source)s") % {"source": row.source})


@register.filter
def clock(moment: dt.datetime | dt.time | None) -> str:
    """A time of day as a German reader writes it: “18:00 Uhr”."""
    if moment is None:
        return ""
    if isinstance(moment, dt.datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    return _("%(time)s Uhr") % {"time": format_time(moment, "H:i")}


@register.filter
def absolute(address: str) -> str:
    """An address of the portal in full, as it must stand on paper."""
    return urljoin(settings.BASE_URL, address)


@register.filter
def state_label(state: str, row: Any) -> str:
    """The word for a state of `row`."""
    return str(dict(row._meta.get_field("state").choices).get(state, state))


@register.simple_tag(takes_context=True)
def tab_link(context: template.Context, name: str, row: Any, text: str) -> str:
    """An entry of the navigation between the pages about `row`; the page itself is marked."""
    address, path = reverse(name, args=[row]), context["request"].path
    current = mark_safe(' aria-current="page"') if path == address else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', address, current, text)


@register.filter
def of(mapping: dict[Any, Any], key: Any) -> Any:
    """The value for `key`, or None."""
    return mapping.get(key)


@register.simple_tag(takes_context=True)
def work_link(context: template.Context, name: str, text: str, count: int = 0) -> str:
    """An entry of the workspace's navigation; the one for the current page is marked."""
    address = reverse(name)
    path = context["request"].path
    here = path == address or (name != "workspace" and path.startswith(address))
    badge = format_html('<span class="count">{}</span>', count) if count else ""
    current = mark_safe(' aria-current="page"') if here else ""
    return format_html('<li><a href="{}"{}>{}{}</a></li>', address, current, text, badge)


#: Words in what a browser says of itself → its name; the first that is there counts, because many name others too.
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


@register.filter
def device(user_agent: str) -> str:
    """A browser in words that its owner knows: “Firefox, Windows”; what is unknown stays as it is."""
    words = [next((name for word, name in known.items() if word in user_agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(word for word in words if word) or user_agent or _("unbekanntes Gerät")
