"""What the council report's templates ask of its content."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import template

register = template.Library()

#: About a third of a page, in letters.
LONG = 1200

#: So many values of an indicator stand below each other beside its chart.
COLUMN = 6


@register.filter
def is_long(measure: dict[str, Any]) -> bool:
    """Whether so much is said of a measure that it may run on to the next page."""
    texts = [measure["summary"], measure["stop_reason"], measure["outlook"]]
    return sum(map(len, [*texts, *(row["text"] for row in measure["updates"])])) > LONG


@register.filter
def without_tasks(content: dict[str, Any]) -> list[str]:
    """The groups that have named no tasks for the next year, the silent ones last."""
    return [*(row["body"] for row in content["statements"] if not row["tasks"]), *content["silent_groups"]]


@register.filter
def with_settled_points(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The resolutions with a point that was done before, and reported as done, already."""
    return [row for row in content["resolutions"] if any(point["is_settled"] for point in row["points"])]


@register.filter
def by_work(sources: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Sources as (work, pages in it), so that a work is named once: “Broschüre, S. 4” and “Broschüre, S. 7”."""
    pages: defaultdict[str, list[str]] = defaultdict(list)
    for source in sources:
        work, _, page = source.partition(", S. ")
        pages[work].extend([page] if page else [])
    return [(work, sorted(found, key=_first_number)) for work, found in pages.items()]


def _first_number(page: str) -> tuple[int, str]:
    found = re.match(r"\d+", page)
    return (int(found[0]) if found else 0, page)


@register.filter
def in_columns(marks: list[Any]) -> list[list[Any]]:
    """The values of an indicator in columns of a table: one, or two of the same length if they are many."""
    half = len(marks) if len(marks) <= COLUMN else (len(marks) + 1) // 2
    return [marks[:half], marks[half:]] if marks[half:] else [marks]
