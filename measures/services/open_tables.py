"""The list of measures as a file for everyone: the columns of the tables, without what is for the office alone.

Rows are read and written in small batches, so that a file of any length takes the same memory.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from import_export import fields

from dialog.models import District, Organization, Recommendation, Strand
from measures.models import Guideline, Measure, ResolutionPoint

from .transfer_columns import TABLES, Kind, Named, Several

#: Of the columns of a measure; the others say how the office works on it.
COLUMNS = (
    *(
        "number",
        "title",
        "kind",
        "summary",
        "description",
        "reason",
        "audience",
        "field",
        "goal",
        "lead",
        "partners",
        "strands",
    ),
    *("districts", "place", "latitude", "longitude", "guidelines", "recommended_by", "decided_in"),
    *("state", "progress", "starts_on", "ends_on", "date_precision", "funding", "budget", "spent"),
    *("decided_by", "stop_reason", "merged_into"),
)
#: In numbers, if it is published at all.
MONEY = ("budget", "spent")
BATCH = 100


def columns() -> dict[str, fields.Field]:
    """The columns of the files, by their names in code."""
    every = TABLES[Kind.MEASURES].columns
    return {name: every[name] for name in COLUMNS}


def measures(keys: Iterable[int], user: Any) -> Iterator[Measure]:
    """The measures with these primary keys in their order, as far as `user` may read them and what is around them."""
    rows = (
        Measure.objects.visible_to(user)
        .select_related("field", "goal", "lead", "merged_into")
        .defer("search_text")
        .prefetch_related(
            Prefetch("partners", Organization.objects.visible_to(user)),
            Prefetch("strands", Strand.objects.visible_to(user)),
            Prefetch("districts", District.objects.visible_to(user)),
            Prefetch("guidelines", Guideline.objects.visible_to(user)),
            Prefetch("recommended_by", Recommendation.objects.visible_to(user).only("number")),
            Prefetch("decided_in", ResolutionPoint.objects.visible_to(user).select_related("resolution")),
        )
    )
    rest = iter(keys)
    while batch := list(islice(rest, BATCH)):
        found = {row.pk: row for row in rows.filter(pk__in=batch).order_by()}
        yield from (_open(found[key]) for key in batch if key in found)


def _open(measure: Measure) -> Measure:
    """The measure without what of it is not public, whoever asks: a file is passed on."""
    if not measure.money_public:
        measure.budget = measure.spent = None
    if measure.merged_into and measure.merged_into.state == Measure.State.PROPOSED:
        measure.merged_into = None
    return measure


def cells(rows: Iterable[Measure]) -> Iterator[list[str]]:
    """A head and a row each, in words, for people and their spreadsheets."""
    shown = columns()
    yield [column.column_name for column in shown.values()]
    for row in rows:
        yield [str(column.export(row) or "") for column in shown.values()]


def as_json(rows: Iterable[Measure], *, at: dt.datetime) -> Iterator[str]:
    """The text of a JSON file; its fields are described in `docs/offene-daten.md`."""
    shown = columns()
    yield f'{{"source": {json.dumps(settings.BASE_URL)}, "at": "{at.isoformat(timespec="seconds")}", "measures": ['
    for n, row in enumerate(rows):
        entry = {name: _plain(column, row) for name, column in shown.items()}
        entry |= {
            "last_news_on": row.last_news_on.isoformat(),
            "is_example": row.is_example,
            "url": settings.BASE_URL + row.get_absolute_url(),
        }
        yield ("\n" if n == 0 else ",\n") + json.dumps(entry, ensure_ascii=False)
    yield "\n]}\n"


def _plain(column: fields.Field, row: Measure) -> Any:
    """A value for machines: names and numbers of other rows, codes instead of words, days as 2009-12-31."""
    value, widget = getattr(row, column.attribute), column.widget
    if isinstance(widget, Several):
        return sorted(str(widget.name(other)) for other in value.all())
    if isinstance(widget, Named):
        return str(widget.name(value)) if value else None
    if isinstance(value, dt.date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
