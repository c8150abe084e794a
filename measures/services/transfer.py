"""Tables of the council side as files: one definition of columns writes them and reads them again.

A file is first checked row by row; taken over is all of it or nothing. What was written and read again changes
nothing, because a cell counts as changed only if it would be written differently afterwards.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import tablib
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from import_export import fields

from dialog.models import JobRun, Recommendation, User
from dialog.services import documents, jobs, numbers, recommendations, steps, tables
from measures.models import Measure, ProgressUpdate, Resolution, ResolutionPoint, TableImport
from measures.services import measures, resolutions
from measures.services.transfer_columns import TABLES, Kind, Table, explain

MAX_ROWS = 50_000
#: Rows between two looks at the progress.
BATCH = 500
#: So many bytes of a file are sent at a time.
PART = 64 * 1024
#: So many rows of a preview are kept: faults first, then what would change.
SHOWN = 500


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────


def _demand(by: User) -> None:
    if not by.has_perm("measures.run_measure"):
        raise PermissionDenied


def export(kind: str, suffix: str, *, by: User) -> Iterable[bytes]:
    """All rows of a kind as `csv` or `xlsx`, part by part. PermissionDenied; KeyError for what there is not."""
    _demand(by)
    rows = _cells(TABLES[Kind(kind)], by)
    match suffix:
        case "csv":
            return (line.encode() for line in tables.csv_lines(rows))
        case "xlsx":
            return _xlsx(rows, str(Kind(kind).label))
        case _:
            raise KeyError(suffix)


def _xlsx(rows: Iterator[list[str]], title: str) -> Iterator[bytes]:
    with tables.xlsx_file(rows, title=title) as file:
        yield from iter(lambda: file.read(PART), b"")


def _cells(table: Table, by: User) -> Iterator[list[str]]:
    """A head and a row each, read in small batches, so that a file of any length takes the same memory."""
    columns = table.columns.values()
    yield [column.column_name for column in columns]
    for row in table.rows(by).iterator(chunk_size=BATCH):
        yield [str(column.export(row) or "") for column in columns]


def template(kind: str, *, by: User) -> bytes:
    """An XLSX with the columns of a kind, and a second sheet that explains them. PermissionDenied."""
    _demand(by)
    said = explain(kind)
    empty = tablib.Dataset(headers=[name for name, _text in said], title=str(Kind(kind).label)[:31])
    words = tablib.Dataset(*said, headers=[_("Spalte"), _("Was hineingehört")], title=_("Erklärung"))
    return tablib.Databook([empty, words]).export("xlsx")


# ── checking ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Line:
    """One row of a file: what it would do, and what is wrong in which column."""

    row: int
    found: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    changes: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        if self.errors:
            return "error"
        if self.found is None:
            return "new"
        return "changed" if self.changes else "same"

    def as_json(self) -> dict[str, Any]:
        """For the preview."""
        cells = [
            {"before": self.changes.get(name, ""), "after": text, "error": self.errors.get(name, "")}
            for name, text in self.shown.items()
        ]
        return {"row": self.row, "kind": self.kind, "cells": cells}


def check(kind: str, data: tablib.Dataset, *, by: User, progress: Callable[[int], None] | None = None) -> list[Line]:
    """What taking `data` over would do, row by row; changes nothing."""
    table = TABLES[Kind(kind)]
    columns = table.columns
    known = {_key(table, row): row for row in table.rows(by)}
    seen: set[tuple] = set()
    lines = []
    for index, row in enumerate(data):
        cells = dict(zip(data.headers, row, strict=True))
        if progress and index % BATCH == 0:
            progress(index)
        line = Line(index + 2)
        lines.append(line)
        for name, column_ in columns.items():
            _read(line, name, column_, cells.get(column_.column_name))
        if not line.errors:
            _find(table, line, known, seen)
        _compare(table, columns, line)
    return lines


def _key(table: Table, row: Any) -> tuple:
    return tuple(getattr(row, f"{name}_id", None) or getattr(row, name) for name in table.key)


def _read(line: Line, name: str, column_: fields.Field, raw: Any) -> None:
    line.shown[name] = str(raw if raw is not None else "")[:500]
    if isinstance(raw, tables.Formula):
        line.errors[name] = _("Die Zelle enthält eine Formel. Bitte schreiben Sie den Wert hinein.")
        return
    try:
        line.values[name] = column_.clean({column_.column_name: raw})
    except (ValueError, ValidationError) as error:
        line.errors[name] = "; ".join(getattr(error, "messages", None) or [str(error)])


def _find(table: Table, line: Line, known: dict[tuple, Any], seen: set[tuple]) -> None:
    key = tuple(getattr(line.values[name], "pk", line.values[name]) for name in table.key)
    if table.gives_key and not key[0]:
        return
    if not all(key):
        line.errors[table.key[0]] = _("Diese Angabe fehlt.")
        return
    line.found = known.get(key)
    if table.gives_key and line.found is None:
        line.errors[table.key[0]] = _("Das gibt es im Portal nicht. Für neue Zeilen bleibt die Zelle leer.")
    if key in seen:
        line.errors[table.key[-1]] = _("Steht schon in einer früheren Zeile der Datei.")
    seen.add(key)


def _compare(table: Table, columns: dict[str, fields.Field], line: Line) -> None:
    if line.errors:
        return
    if line.found is not None:
        for name, column_ in columns.items():
            before = str(column_.export(line.found) or "")
            if _plain(before) != _plain(column_.widget.render(line.values[name])):
                line.changes[name] = before
                if name in table.by_steps:
                    line.errors[name] = _("Das ändert sich nur durch die Schritte im Arbeitsbereich.")
    if line.kind in {"new", "changed"}:
        _check_facts(table, columns, line)


def _check_facts(table: Table, columns: dict[str, fields.Field], line: Line) -> None:
    """What the model itself says of the row that the line would make of it."""
    row = _filled(table, line)
    concrete = {f.name: f for f in row._meta.concrete_fields}
    for name, f in concrete.items():
        if f.is_relation and name in columns and not f.null and line.values[name] is None:
            line.errors[name] = _("Diese Angabe fehlt.")
    said = {name for name in columns if name in concrete and not concrete[name].is_relation}
    try:
        row.clean_fields(exclude=set(concrete) - said | {"state", *(table.key if table.gives_key else ())})
    except ValidationError as error:
        line.errors.update({name: "; ".join(errors) for name, errors in error.message_dict.items()})
    line.errors.update({name: text for name, text in _contradictions(row, line).items() if name not in line.errors})


def _contradictions(row: Any, line: Line) -> dict[str, str]:
    """What in a line does not go together, by its column; the portal's forms and steps ask for the same."""
    wrong, today = {}, timezone.localdate()
    if isinstance(row, Resolution) and row.adopted_on > today:
        wrong["adopted_on"] = _("Der Beschluss kann nicht in der Zukunft liegen.")
    if isinstance(row, ProgressUpdate):
        if row.date > today:
            wrong["date"] = _("Der Sachstand kann nicht in der Zukunft liegen.")
        if row.status == Measure.State.DONE and row.progress != 100:
            wrong["progress"] = _("Eine abgeschlossene Maßnahme hat 100 Prozent.")
    if isinstance(row, Measure):
        if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
            wrong["ends_on"] = _("Das Ende liegt vor dem Beginn.")
        if (row.latitude is None) != (row.longitude is None):
            wrong["longitude"] = _("Bitte geben Sie Breite und Länge zusammen an, oder keines von beiden.")
        if line.found is None:
            wrong.update(_missing_for_state(row, decided=bool(row.decided_by or line.values["decided_in"])))
    if isinstance(row, ResolutionPoint):
        if line.found is None and (row.state == ResolutionPoint.State.DONE) != bool(row.done_on):
            wrong["done_on"] = _("Was erledigt ist, und nur das, braucht den Tag, an dem es erledigt war.")
        said = {name: getattr(row, name) for name in ("note", "next_review_on", "late_reason", "due_on")}
        wrong.update(resolutions.missing_for_state(row.state, today=today, **said))
    return wrong


def _missing_for_state(row: Measure, *, decided: bool) -> dict[str, str]:
    state = Measure.State
    wrong = {}
    if row.state not in {state.PROPOSED, state.MERGED} and not decided:
        wrong["decided_by"] = _("Bitte nennen Sie den Ratsbeschluss oder, wer sonst entschieden hat.")
    if row.state == state.DONE and row.progress != 100:
        wrong["progress"] = _("Eine abgeschlossene Maßnahme hat 100 Prozent.")
    if row.state == state.STOPPED and not row.stop_reason:
        wrong["stop_reason"] = _("Bitte sagen Sie, warum die Maßnahme eingestellt wird.")
    if (row.state == state.MERGED) != bool(row.merged_into_id):
        wrong["merged_into"] = _("Nur was in einer anderen Maßnahme aufgegangen ist, nennt sie, und das immer.")
    return wrong


def _plain(text: Any) -> str:
    return "\n".join(str(text or "").splitlines()).strip()


def _filled(table: Table, line: Line) -> Any:
    """The row as the line would have it, without its relations to many."""
    concrete = {f.name for f in table.model._meta.concrete_fields}
    if line.found is None:
        keys = set(table.key) if table.gives_key else set()
        return table.model(**{name: value for name, value in line.values.items() if name in concrete - keys})
    for name in line.changes:
        if name in concrete and name not in table.by_steps:
            setattr(line.found, name, line.values[name])
    return line.found


# ── taking over ─────────────────────────────────────────────────────────────────────────────────────────


def upload(kind: str, file: UploadedFile, *, by: User, at: dt.datetime) -> JobRun:
    """Takes a file in and has it checked. PermissionDenied; ValidationError if it cannot be read at all."""
    _demand(by)
    content = file.read()
    _table(kind, content)
    document = documents.store(
        content,
        filename=file.name or "tabelle.csv",
        title=_("Import: %(kind)s") % {"kind": Kind(kind).label},
        content_type=tables.XLSX if content[:2] == b"PK" else "text/csv",
        is_public=False,
        by=by,
        at=at,
    )
    row = TableImport.objects.create(kind=kind, document=document, by=by, at=at)
    return _start("check_table", row, _("Prüfen: %(kind)s"), by=by, at=at)


def apply(row: TableImport, *, by: User, at: dt.datetime) -> JobRun:
    """Has a checked file taken over. PermissionDenied; ValidationError if it has errors or was taken over before."""
    _demand(by)
    if row.state != TableImport.State.CHECKED:
        raise ValidationError(_("Diese Datei lässt sich nicht übernehmen."))
    return _start("import_table", row, _("Übernehmen: %(kind)s"), by=by, at=at)


def _start(name: str, row: TableImport, title: str, *, by: User, at: dt.datetime) -> JobRun:
    return jobs.start(
        name,
        key=f"{name}-{row.pk}",
        title=title % {"kind": row.get_kind_display()},
        owner=by,
        at=at,
        parameters={"import": row.pk},
    )


def _table(kind: str, content: bytes) -> tablib.Dataset:
    names = [column_.column_name for column_ in TABLES[Kind(kind)].columns.values()]
    return tables.read(content, names, max_rows=MAX_ROWS)


def _checked(run: jobs.Run, more_steps: int) -> tuple[TableImport, list[Line]]:
    row = TableImport.objects.select_related("document").get(pk=run.parameters["import"])
    with row.document.file.open("rb") as file:
        data = _table(row.kind, file.read())
    run.plan(-(-len(data) // BATCH) + more_steps)

    def progress(done: int) -> None:
        run.step(_("Zeile %(row)d von %(rows)d") % {"row": done, "rows": len(data)})

    if run.job.owner is None:
        raise jobs.Refused(_("Wer die Datei hochgeladen hat, hat kein Konto mehr."))
    return row, check(row.kind, data, by=run.job.owner, progress=progress)


@jobs.handler("check_table")
def _check(run: jobs.Run) -> None:
    row, lines = _checked(run, 1)
    with run.finishing(result_url=row.get_absolute_url()):
        row.counts = {kind: sum(line.kind == kind for line in lines) for kind in ("error", "new", "changed", "same")}
        order = ["error", "changed", "new"]
        told = [line for line in lines if line.kind != "same"]
        told.sort(key=lambda line: (order.index(line.kind), line.row))
        row.rows = [line.as_json() for line in told[:SHOWN]]
        row.state = TableImport.State.FAULTY if row.counts["error"] else TableImport.State.CHECKED
        row.save()


@jobs.handler("import_table")
def _import(run: jobs.Run) -> None:
    row, lines = _checked(run, 2)
    if row.state == TableImport.State.APPLIED:
        return
    if any(line.errors for line in lines):
        raise jobs.Refused(_("Seit der Prüfung hat sich etwas geändert. Bitte laden Sie die Datei noch einmal hoch."))
    run.step(_("Übernehmen"))
    table, now = TABLES[Kind(row.kind)], timezone.now()
    with run.finishing(result_url=row.get_absolute_url(), at=now):
        for line in lines:
            if line.kind != "same":
                try:
                    with transaction.atomic():
                        _save(table, line, by=run.job.owner, now=now)
                except (IntegrityError, ValidationError) as error:
                    reason = "; ".join(getattr(error, "messages", [])) or _("Die Angaben widersprechen sich.")
                    raise jobs.Refused(
                        _("Nichts wurde übernommen. Zeile %(row)d: %(reason)s") % {"row": line.row, "reason": reason}
                    ) from error
        row.state = TableImport.State.APPLIED
        row.save()


def _save(table: Table, line: Line, *, by: User | None, now: dt.datetime) -> None:
    """One row comes in or changes, with its relations, in its field history and, where it has states, its trace."""
    made, is_new = line.found or _filled(table, line), line.found is None
    steps.date_history(made, at=now, by=by)
    _give_key(made, is_new, timezone.localdate(now))
    made.save()
    several = {f.name for f in made._meta.many_to_many}
    for name in (several & line.values.keys()) if is_new else (several & line.changes.keys()):
        getattr(made, name).set(line.values[name])
    if isinstance(made, Recommendation):
        recommendations.address(made, bodies=line.values["bodies"], organizations=line.values["organizations"])
    if isinstance(made, Measure | Recommendation | ResolutionPoint):
        note = _("aus einer Tabelle eingelesen")
        steps.record(made, "import", before="" if is_new else made.state, by=by, at=now, note=note)
    if isinstance(made, ProgressUpdate):
        # News that are newer than what the measure knew count as its newest; its state moves by steps.
        for measure in Measure.objects.filter(pk=made.measure_id, last_news_on__lt=made.date):
            measure.last_news_on, measure.progress = made.date, made.progress
            steps.date_history(measure, at=now, by=by)
            measure.save()


def _give_key(made: Any, is_new: bool, today: dt.date) -> None:
    if isinstance(made, Measure | Recommendation):
        is_measure = isinstance(made, Measure)
        made.slug = slugify(made.title)[:80].strip("-") or ("massnahme" if is_measure else "empfehlung")
        if is_new:
            if is_measure:
                made.last_news_on = today
            prefix = measures.PREFIX if is_measure else recommendations.PREFIX
            made.number = numbers.give(prefix, today.year if is_measure else made.date.year)
    if isinstance(made, Resolution) and is_new:
        made.slug = resolutions.free_slug(made.title, but=made)
