"""What the council report's templates ask of its content."""

from typing import Any

from django import template

register = template.Library()

#: About a third of a page, in letters.
LONG = 1200


@register.filter
def is_long(measure: dict[str, Any]) -> bool:
    """Whether so much is said of a measure that it may run on to the next page."""
    texts = [measure["summary"], measure["stop_reason"], measure["outlook"]]
    return sum(map(len, [*texts, *(row["text"] for row in measure["updates"])])) > LONG
