"""What was changed of a measure, field by field, as sentences of old and new."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from dialog.models import Membership
from dialog.models.people import runs_the_process
from dialog.templatetags.dialog import when
from measures.models import Measure
from measures.templatetags.money import euro

#: What says nothing to a reader, or is told elsewhere on the page.
LEFT_OUT = {"id", "slug", "search_text", "record_key", "is_example", "latitude", "longitude"}
MONEY = {"budget", "spent", "money_public"}


@dataclass(frozen=True)
class Difference:
    """One field, as it was and as it is."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """What somebody, named by their part in the dialogue, changed at one moment."""

    at: dt.datetime
    by: str
    differences: list[Difference]


def of(measure: Measure, user: Any) -> list[Change]:
    """All changes of a measure that `user` may read, the newest first.

    Money that is not public stays inside, and so does what was before the measure was decided.
    """
    inside = runs_the_process(user)
    versions = list(measure.history.order_by("history_date", "history_id"))
    if not inside:
        versions = [row for row in versions if row.state != Measure.State.PROPOSED]
    hidden = LEFT_OUT if inside or measure.money_public else LEFT_OUT | MONEY
    columns = [field for field in Measure._meta.concrete_fields if field.name not in hidden]
    names = _names(versions, columns)
    planners = _planners(versions)
    found = []
    for before, after in pairwise(versions):
        differences = [
            Difference(str(column.verbose_name), old, new)
            for column in columns
            if (old := _words(before, column, names)) != (new := _words(after, column, names))
        ]
        if differences:
            found.append(Change(after.history_date, _part(after, planners), differences))
    return found[::-1]


def _words(version: Any, column: models.Field, names: dict[tuple[str, Any], str]) -> str:
    value = getattr(version, column.attname, None)
    if value is None or value == "":
        return ""
    if column.is_relation:
        return names.get((column.name, value), _("gelöscht"))
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if isinstance(value, dt.date):
        return when(value)
    if isinstance(value, Decimal):
        return euro(value)
    return f"{value} %" if column.name == "progress" else str(value)


def _names(versions: Iterable[Any], columns: Iterable[models.Field]) -> dict[tuple[str, Any], str]:
    """The names of all rows that the versions point at; one query for each relation."""
    keys: dict[models.Field, set[Any]] = defaultdict(set)
    for column in columns:
        if column.is_relation:
            keys[column] |= {getattr(row, column.attname) for row in versions} - {None}
    return {
        (column.name, row.pk): str(row)
        for column, wanted in keys.items()
        if wanted
        for row in column.related_model._default_manager.filter(pk__in=wanted)  # type: ignore[union-attr]
    }


def _planners(versions: Iterable[Any]) -> set[int]:
    accounts = {row.history_user_id for row in versions} - {None}
    seats = Membership.objects.filter(person__user__in=accounts, body__kind="planning_group")
    return set(seats.values_list("person__user", flat=True))


def _part(version: Any, planners: set[int]) -> str:
    if version.history_user_id is None:
        return _("Portal")
    return _("Planungsgruppe") if version.history_user_id in planners else _("Federführung")
