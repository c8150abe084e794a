"""What the city wants with its measures: field of action, guidelines and goals, for the first chapter of a story."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, Value
from django.urls import reverse

from .models import Goal, Guideline


class Wanted(NamedTuple):
    """A guideline, or else a goal, with its place on the page of its field."""

    is_goal: bool
    title: str
    address: str
    field: str
    field_address: str


class Aim(NamedTuple):
    """What the city wants in a field, as far as a story is about it."""

    field: str
    address: str
    guidelines: list[Wanted]
    goals: list[Wanted]


def by_field(rows: Iterable[Wanted]) -> list[Aim]:
    """Guidelines and goals under their fields, each once, in the order in which they come."""
    found: dict[str, Aim] = {}
    for row in dict.fromkeys(rows):
        aim = found.setdefault(row.field_address, Aim(row.field, row.field_address, [], []))
        (aim.goals if row.is_goal else aim.guidelines).append(row)
    return list(found.values())


def of_measures(measures: Any, user: Any) -> dict[int, list[Wanted]]:
    """By primary key the guidelines and goals that these measures (rows or keys) serve, in one query."""
    guidelines = _rows(Guideline.objects.visible_to(user), "leitlinie", measures)
    goals = _rows(Goal.objects.visible_to(user), "ziel", measures)
    found: dict[int, list[Wanted]] = {}
    for key, _position, anchor, pk, title, field, slug in guidelines.union(goals, all=True).order_by("slug", "place"):
        address = reverse("field_of_action", args=[slug])
        row = Wanted(anchor == "ziel", title, f"{address}#{anchor}-{pk}", field, address)
        found.setdefault(key, []).append(row)
    return found


def _rows(rows: QuerySet, anchor: str, measures: Any) -> QuerySet:
    linked = rows.filter(measures__in=measures).order_by()
    columns = {"place": F("position"), "anchor": Value(anchor), "name": F("field__name"), "slug": F("field__slug")}
    return linked.annotate(key=F("measures"), **columns).values_list(
        "key", "place", "anchor", "pk", "title", "name", "slug"
    )
