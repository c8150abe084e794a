"""Fragments of pages that are drawn once for each content they have had.

Readers see the same rows, filters and frames over and over. What a fragment shows is its whole key, so that nothing
kept can be out of date, and nobody is shown what was drawn from something else.
"""

from collections.abc import Callable

from django.conf import settings
from django.utils.safestring import SafeString
from django.utils.translation import get_language

#: Some megabytes; then it begins anew.
MAX_DRAWN = 4000

_drawn: dict[tuple, SafeString] = {}


def once(key: tuple, draw: Callable[[], SafeString]) -> SafeString:
    """What `draw` makes of all that is in `key`; drawn again for another key or another language."""
    if settings.DEBUG:  # whoever works on a template wants to see it
        return draw()
    key = (get_language(), *key)
    html = _drawn.get(key)
    if html is None:
        if len(_drawn) >= MAX_DRAWN:
            _drawn.clear()
        html = _drawn[key] = draw()
    return html
