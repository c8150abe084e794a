"""How many measures stand behind each choice of a filter, given everything else that is chosen.

To count by the database is one pass over all measures for each filter. Here every value of every axis keeps
one bit per measure (in one integer), so that a count is an AND and a count of bits, whatever the number of
measures; the bits are read again when the data have changed.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import compress
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Case, F, Value, When, Window
from django.db.models.functions import RowNumber

from .models import Measure
from .models.measures import MeasureQuerySet, Standing

AXES = ("field", "standing", "strand", "kind", "district", "lead", "year", "point", "goal", "guideline")
#: The axes on which a measure may have several values, with the table of the links and its column.
LINKS = {
    "strand": (Measure.strands.through, "strand"),
    "district": (Measure.districts.through, "district"),
    "point": (Measure.decided_in.through, "resolutionpoint"),
    "guideline": (Measure.guidelines.through, "guideline"),
}
#: A measure without districts is for the whole city; on the district axis this is its value.
WHOLE_CITY = 0
#: How measures are sorted: unfinished ones by the day they are to end, those without one after them.
ORDERS: dict[str, list[Any]] = {
    "neues": [F("last_news_on").desc(), F("number")],
    "ende": [
        Case(When(state__in=Measure.UNFINISHED, then=Value(0)), default=Value(1)),
        F("ends_on").asc(nulls_last=True),
        F("number"),
    ],
    "titel": [F("title"), F("number")],
    "nummer": [F("number")],
}
USUAL = "neues"
#: Which reader sees what, and today or yesterday: few enough to keep, and never more than this.
MAX_KEPT = 8

#: Of two steps at the same time the one with the lower key may be the last to be seen; so the latest are counted too.
LATEST = 1000
_HISTORY = Measure.history.model._meta.db_table
_SEEN = f"SELECT COUNT(*) FROM {_HISTORY} WHERE history_id > (SELECT MAX(history_id) FROM {_HISTORY}) - {LATEST}"  # noqa: S608
_STATE = f"SELECT ({_SEEN}), " + ", ".join(  # noqa: S608
    f"(SELECT {value} FROM {model._meta.db_table})"  # noqa: S608  (tables of our own)
    for model, values in (
        (Measure, ("COUNT(*)",)),
        (Measure.history.model, ("MAX(history_id)", "MAX(history_date)")),
        *((link, ("COUNT(*)", "MAX(id)")) for link, _column in LINKS.values()),
    )
    for value in values
)
_kept: dict[tuple, "Facets"] = {}


@dataclass(frozen=True)
class Facets:
    """The bits: bit n of `bits[axis][value]` is set if the n-th measure has that value.

    `place` says which bit a primary key has, `orders` has all primary keys in each of `ORDERS`.
    """

    everything: int
    place: dict[int, int]
    orders: dict[str, list[int]]
    bits: dict[str, dict[Any, int]]

    def those(self, keys: Iterable[int]) -> int:
        """The bits of the measures with these primary keys; unknown ones are left out."""
        marks = bytearray(len(self.place) // 8 + 1)
        for key in keys:
            if (place := self.place.get(key)) is not None:
                marks[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(marks, "little")

    def keys_in(self, order: str, bits: int) -> Iterator[int]:
        """The primary keys behind `bits`, in one of `ORDERS`; so that a page reads its own rows and no others."""
        flags = f"{bits:0{len(self.place)}b}"[::-1].encode().replace(b"0", b"\0")
        keys = self.orders[order]
        return compress(keys, map(flags.__getitem__, map(self.place.__getitem__, keys)))

    def matching(self, chosen: Mapping[str, Iterable[Any]], within: int) -> int:
        """The bits of `within` that have, on every axis, one of the `chosen` values (none chosen: any)."""
        for axis, values in chosen.items():
            if values:
                within &= reduce(or_, (self.bits[axis].get(value, 0) for value in values))
        return within

    def counts(self, axis: str, within: int) -> dict[Any, int]:
        """How many of `within` have each value of `axis`; values that none of all measures has are missing."""
        return {value: (bits & within).bit_count() for value, bits in self.bits[axis].items()}

    def standings(self, *, field: int | None = None) -> list[tuple[str, str, int]]:
        """How the measures (of one field of action) divide: standing, words, number, as the share bar wants it."""
        within = self.everything if field is None else self.bits["field"].get(field, 0)
        counts = self.counts("standing", within)
        return [(standing.value, str(standing.label), counts.get(standing.value, 0)) for standing in Standing]


def of(rows: MeasureQuerySet, today: dt.date) -> Facets:
    """The facets of `rows`, with standings as of `today`; kept until the data change.

    The query itself is part of the key: readers share counts only if they may see the same measures.
    """
    key = (str(rows.order_by().only("pk").query), today, _state_of_data())
    facets = _kept.get(key)
    if facets is None:
        facets = _read(rows, today)
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[key] = facets
    return facets


def _state_of_data() -> tuple:
    """Differs after every step that changes measures: each leaves a row of history, links have their own keys.

    (`QuerySet.update` leaves none; measures are changed by services, row by row, for the sake of that history.)
    """
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return tuple(cursor.fetchone())


def _read(rows: MeasureQuerySet, today: dt.date) -> Facets:
    values: dict[str, dict[Any, list[int]]] = defaultdict(lambda: defaultdict(list))
    ranks = {f"rank_{name}": Window(RowNumber(), order_by=columns) for name, columns in ORDERS.items()}
    columns = rows.with_standing(today).order_by().annotate(**ranks)
    names = ("pk", "field", "standing", "kind", "lead", "goal", "number", *ranks)
    placed: list[list[tuple[int, int]]] = [[] for _order in ORDERS]
    for key, field, standing, kind, lead, goal, number, *places in columns.values_list(*names).iterator():
        values["field"][field].append(key)
        values["standing"][standing].append(key)
        values["kind"][kind].append(key)
        values["lead"][lead].append(key)
        values["goal"][goal].append(key)
        values["year"][year_of(number)].append(key)
        for rows_placed, place in zip(placed, places, strict=True):
            rows_placed.append((place, key))
    first, *others = (
        link.objects.annotate(axis=Value(axis)).values_list("axis", "measure", column)
        for axis, (link, column) in LINKS.items()
    )
    for axis, key, value in first.union(*others, all=True).iterator():
        values[axis][value].append(key)
    orders = {name: [key for _place, key in sorted(pairs)] for name, pairs in zip(ORDERS, placed, strict=True)}
    everything = orders[USUAL]
    facets = Facets((1 << len(everything)) - 1, {key: n for n, key in enumerate(everything)}, orders, {})
    for axis in AXES:
        facets.bits[axis] = {value: bits for value, keys in values[axis].items() if (bits := facets.those(keys))}
    local = reduce(or_, facets.bits["district"].values(), 0)
    if whole_city := facets.everything & ~local:
        facets.bits["district"][WHOLE_CITY] = whole_city
    return facets


def year_of(number: str) -> int:
    """The year in a public number: when the measure was taken into the dialogue."""
    return int(number.split("-")[1])
