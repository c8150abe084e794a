"""Places on the ground floor's pages that upper floors fill.

A page of `dialog` names a place; a floor above registers, in its `AppConfig.ready`, a function that renders its
fragment there. So the recommendation's page shows measures without knowing what a measure is.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

#: Renders what an upper floor has to say about a row (None for a page without one); empty if nothing.
Panel = Callable[[HttpRequest, Any], str]

PLACES = (
    "body",
    "recommendation_aims",
    "recommendation_debates",
    "recommendation",
    "process",
    "declaration",
    "organization",
    "workspace",
    "workspace_menu_meetings",
    "workspace_menu_measures",
    "workspace_menu_report",
    "workspace_menu",
    "account",
    "consents",
)

_panels: dict[str, list[Panel]] = defaultdict(list)


def register(place: str, panel: Panel) -> None:
    """Fills `place` (one of `PLACES`) with `panel`, after those already there. KeyError for an unknown place."""
    if place not in PLACES:
        raise KeyError(place)
    _panels[place].append(panel)


def render(place: str, request: HttpRequest, row: Any = None) -> SafeString:
    """All fragments for `place`, about `row`."""
    return mark_safe("".join(panel(request, row) for panel in _panels[place]))
