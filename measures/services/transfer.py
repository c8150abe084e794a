"""Tables of the council side as files: one definition of columns writes them and reads them again.

A file is first checked row by row; taken over is all of it or nothing. What was written and read again changes
nothing, because a cell counts as changed only if it would be written differently afterwards.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import tablib
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources

from dialog.models import Body, DatePrecision, FieldOfAction, JobRun, Organization, Recommendation, User
from dialog.services import documents, jobs, numbers, tables
from dialog.services.tables import GermanDate, SafeText, Word
from measures.models import Indicator, IndicatorValue, Measure, ProgressUpdate, Resolution, ResolutionPoint, TableImport
from measures.models.measures import Interval

Kind = TableImport.Kind
MAX_ROWS = 50_000
#: Rows between two looks at the progress.
BATCH = 500
#: So many rows of a preview are kept: faults first, then what would change.
SHOWN = 500


# ── the columns ─────────────────────────────────────────────────────────────────────────────────────────


class Day(GermanDate):
    """A day, or nothing."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return None if value in (None, "") else super().clean(value)


class Whole(SafeText):
    """A whole number."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = super().clean(value).removesuffix(".0")
        if not text.isdecimal() or len(text) > 9:
            raise ValueError(_("Keine ganze Zahl: „%(value)s“.") % {"value": text[:40]})
        return int(text)


class Number(SafeText):
    """A number with two decimals, with comma or point; a minus is no formula."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else f"{Decimal(value):.2f}".replace(".", ",")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = str(value if value is not None else "").strip()
        if "," in text:
            text = text.replace(".", "").replace(",", ".")
        try:
            number = Decimal(text)
            if not number.is_finite() or abs(number) >= 10**12:
                raise InvalidOperation
            return number.quantize(Decimal("0.01"))
        except InvalidOperation:
            raise ValueError(_("Keine Zahl: „%(value)s“.") % {"value": text[:40]}) from None


class Named(SafeText):
    """Another row, by a name of its own; read once for a whole file."""

    def __init__(self, rows: Callable[[], models.QuerySet], name: str) -> None:
        super().__init__()
        self.rows, self.name = rows, name
        self.known: dict[str, Any] | None = None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return super().render(getattr(value, self.name)) if value else ""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        word = super().clean(value)
        if not word:
            return None
        if self.known is None:
            self.known = {str(getattr(found, self.name)).casefold(): found for found in self.rows()}
        if word.casefold() not in self.known:
            raise ValueError(_("Nicht gefunden: „%(word)s“.") % {"word": word[:80]})
        return self.known[word.casefold()]


def column(name: str, title: Any, widget: Any = None) -> fields.Field:
    """A column that shows the attribute `name`."""
    return fields.Field(name, column_name=str(title), widget=widget or SafeText())


def _fields_of_action() -> models.QuerySet:
    return FieldOfAction.objects.all()


def _organizations() -> models.QuerySet:
    return Organization.objects.all()


class MeasureResource(resources.ModelResource):
    """Measures; their state moves by steps only."""

    number = column("number", gettext_lazy("Nummer"))
    title = column("title", gettext_lazy("Titel"))
    kind = column("kind", gettext_lazy("Art"), Word(Measure.Kind.choices))
    summary = column("summary", gettext_lazy("Kurz gesagt"))
    description = column("description", gettext_lazy("Beschreibung"))
    field = column("field", gettext_lazy("Handlungsfeld"), Named(_fields_of_action, "name"))
    lead = column("lead", gettext_lazy("Federführung"), Named(_organizations, "name"))
    state = column("state", gettext_lazy("Stand"), Word(Measure.State.choices))
    progress = column("progress", gettext_lazy("Fortschritt"), Whole())
    starts_on = column("starts_on", gettext_lazy("Beginn"), Day())
    ends_on = column("ends_on", gettext_lazy("Ende"), Day())
    date_precision = column("date_precision", gettext_lazy("Genauigkeit"), Word(DatePrecision.choices))
    funding = column("funding", gettext_lazy("Förderung"))
    interval = column("interval", gettext_lazy("Berichtsabstand"), Word(Interval.choices))
    decided_by = column("decided_by", gettext_lazy("Entschieden durch"))

    class Meta:
        model = Measure
        fields = (
            *("number", "title", "kind", "summary", "description", "field", "lead", "state", "progress"),
            *("starts_on", "ends_on", "date_precision", "funding", "interval", "decided_by"),
        )


class UpdateResource(resources.ModelResource):
    """News of measures, as they were published."""

    measure = column("measure", gettext_lazy("Maßnahme"), Named(Measure.objects.all, "number"))
    date = column("date", gettext_lazy("Vom"), GermanDate())
    status = column("status", gettext_lazy("Stand"), Word(Measure.State.choices))
    progress = column("progress", gettext_lazy("Fortschritt"), Whole())
    text = column("text", gettext_lazy("Was geschehen ist"))
    outlook = column("outlook", gettext_lazy("Ausblick"))

    class Meta:
        model = ProgressUpdate
        fields = ("measure", "date", "status", "progress", "text", "outlook")


class ValueResource(resources.ModelResource):
    """Values of indicators, one a year."""

    indicator = column("indicator", gettext_lazy("Kennzahl"), Named(Indicator.objects.all, "name"))
    year = column("year", gettext_lazy("Jahr"), Whole())
    value = column("value", gettext_lazy("Wert"), Number())
    qualifier = column("qualifier", gettext_lazy("Genauigkeit"), Word(IndicatorValue.Qualifier.choices))
    source = column("source", gettext_lazy("Quelle"))

    class Meta:
        model = IndicatorValue
        fields = ("indicator", "year", "value", "qualifier", "source")


class RecommendationResource(resources.ModelResource):
    """Recommendations; their state moves by steps only."""

    number = column("number", gettext_lazy("Nummer"))
    title = column("title", gettext_lazy("Titel"))
    wording = column("wording", gettext_lazy("Wortlaut"))
    body = column("body", gettext_lazy("Empfohlen von"), Named(Body.objects.all, "name"))
    field = column("field", gettext_lazy("Handlungsfeld"), Named(_fields_of_action, "name"))
    state = column("state", gettext_lazy("Stand"), Word(Recommendation.State.choices))
    date = column("date", gettext_lazy("Vom"), GermanDate())
    date_precision = column("date_precision", gettext_lazy("Genauigkeit"), Word(DatePrecision.choices))
    outcome = column("outcome", gettext_lazy("Was daraus wurde"))

    class Meta:
        model = Recommendation
        fields = ("number", "title", "wording", "body", "field", "state", "date", "date_precision", "outcome")


class PointResource(resources.ModelResource):
    """The points of resolutions, one a row; the resolution is named by its address."""

    resolution = column("resolution", gettext_lazy("Beschluss"), Named(Resolution.objects.all, "slug"))
    position = column("position", gettext_lazy("Punkt"), Whole())
    title = column("title", gettext_lazy("Kurzfassung"))
    text = column("text", gettext_lazy("Inhalt"))
    addressee = column("addressee", gettext_lazy("Gerichtet an"), Word(ResolutionPoint.Addressee.choices))
    responsible = column("responsible", gettext_lazy("Zuständig"), Named(_organizations, "name"))
    due_on = column("due_on", gettext_lazy("Zu erledigen bis"), Day())
    state = column("state", gettext_lazy("Stand"), Word(ResolutionPoint.State.choices))
    note = column("note", gettext_lazy("Bemerkung"))

    class Meta:
        model = ResolutionPoint
        fields = ("resolution", "position", "title", "text", "addressee", "responsible", "due_on", "state", "note")


@dataclass(frozen=True)
class Table:
    """What a kind of file is about: its columns, by which of them a row is found, and what belongs to it."""

    resource: type[resources.ModelResource]
    key: tuple[str, ...]
    related: tuple[str, ...]
    #: In which state a row must be that comes in by a file; everything else is reached by steps.
    first_state: str = ""

    @property
    def columns(self) -> dict[str, fields.Field]:
        """The columns, with widgets of their own, because those remember what they have read."""
        made = self.resource()
        return {name: made.fields[name] for name in self.resource.Meta.fields}

    def rows(self, user: User) -> models.QuerySet:
        """All rows that `user` may read."""
        manager = self.resource.Meta.model._default_manager
        return manager.visible_to(user).select_related(*self.related).order_by(*self.key, "pk")


TABLES = {
    Kind.MEASURES: Table(MeasureResource, ("number",), ("field", "lead"), Measure.State.PROPOSED),
    Kind.UPDATES: Table(UpdateResource, ("measure", "date"), ("measure",)),
    Kind.VALUES: Table(ValueResource, ("indicator", "year"), ("indicator",)),
    Kind.RECOMMENDATIONS: Table(RecommendationResource, ("number",), ("body", "field"), "drafted"),
    Kind.RESOLUTIONS: Table(PointResource, ("resolution", "position"), ("resolution", "responsible"), "open"),
}


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────


def _demand(by: User) -> None:
    if not by.has_perm("measures.run_measure"):
        raise PermissionDenied


def export(kind: str, suffix: str, *, by: User) -> bytes:
    """All rows of a kind as `csv` or `xlsx`. PermissionDenied; KeyError for what there is not."""
    _demand(by)
    table = TABLES[Kind(kind)]
    columns = table.columns
    data = tablib.Dataset(headers=[column.column_name for column in columns.values()])
    for row in table.rows(by).iterator(chunk_size=2000):
        data.append([column.export(row) for column in columns.values()])
    return tables.write(data, suffix)


def explain(kind: str) -> list[tuple[str, str]]:
    """Each column of a kind, and what stands in it."""
    said = []
    for column_ in TABLES[Kind(kind)].columns.values():
        widget = column_.widget
        if isinstance(widget, Word):
            text = _("Eines von: %(words)s") % {"words": ", ".join(str(label) for _key, label in widget.choices)}
        elif isinstance(widget, GermanDate):
            text = _("Ein Tag, zum Beispiel 31.12.2009")
        elif isinstance(widget, Whole | Number):
            text = _("Eine Zahl")
        elif isinstance(widget, Named):
            text = _("Genau so geschrieben wie im Portal")
        else:
            text = _("Text")
        said.append((column_.column_name, text))
    return said


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
    for index, cells in enumerate(data.dict):
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
    if not all(key) and table.key != ("number",):
        line.errors[table.key[0]] = _("Diese Angabe fehlt.")
        return
    line.found = known.get(key)
    if table.key == ("number",):
        if not key[0]:  # a new row, which gets its number when it comes in
            return
        if line.found is None:
            line.errors["number"] = _("Diese Nummer gibt es nicht. Für neue Zeilen bleibt sie leer.")
    if key in seen:
        line.errors[table.key[-1]] = _("Steht schon in einer früheren Zeile der Datei.")
    seen.add(key)


def _compare(table: Table, columns: dict[str, fields.Field], line: Line) -> None:
    if line.errors:
        return
    for name, column_ in columns.items():
        after = column_.widget.render(line.values[name]) or ""
        if line.found is not None and _plain(column_.export(line.found)) != _plain(after):
            line.changes[name] = str(column_.export(line.found) or "")
    if "state" in columns and (
        "state" in line.changes or (line.found is None and line.values["state"] != table.first_state)
    ):
        line.errors["state"] = _("Der Stand ändert sich nur durch die Schritte im Arbeitsbereich.")
        return
    if line.kind == "same":
        return
    row = _filled(table, line)
    model_fields = {f.name for f in row._meta.concrete_fields}
    try:
        row.clean_fields(
            exclude={f.name for f in row._meta.concrete_fields if f.is_relation}
            | (model_fields - set(columns))
            | {"number", "state"}
        )
    except ValidationError as error:
        line.errors.update({name: "; ".join(errors) for name, errors in error.message_dict.items()})
    for f in row._meta.concrete_fields:
        if f.is_relation and f.name in columns and not f.null and line.values[f.name] is None:
            line.errors[f.name] = _("Diese Angabe fehlt.")
    if getattr(row, "starts_on", None) and getattr(row, "ends_on", None) and row.ends_on < row.starts_on:
        line.errors["ends_on"] = _("Das Ende liegt vor dem Beginn.")


def _plain(text: Any) -> str:
    return "\n".join(str(text or "").splitlines()).strip()


def _filled(table: Table, line: Line) -> Any:
    model = table.resource.Meta.model
    changed = line.values if line.found is None else {name: line.values[name] for name in line.changes}
    if line.found is None:
        return model(**{name: value for name, value in changed.items() if name != "number"})
    for name, value in changed.items():
        setattr(line.found, name, value)
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
                        _save(table, line, now)
                except (IntegrityError, ValidationError) as error:
                    reason = "; ".join(getattr(error, "messages", [])) or _("Die Angaben widersprechen sich.")
                    raise jobs.Refused(
                        _("Nichts wurde übernommen. Zeile %(row)d: %(reason)s") % {"row": line.row, "reason": reason}
                    ) from error
        row.state = TableImport.State.APPLIED
        row.save()


def _save(table: Table, line: Line, now: dt.datetime) -> None:
    made = line.found or _filled(table, line)
    if isinstance(made, Measure | Recommendation):
        is_measure = isinstance(made, Measure)
        made.slug = slugify(made.title)[:80].strip("-") or ("massnahme" if is_measure else "empfehlung")
        if line.found is None:
            today = timezone.localdate(now)
            if is_measure:
                made.last_news_on = today
            made.number = numbers.give("M" if is_measure else "E", today.year)
    made.save()
    if isinstance(made, ProgressUpdate):
        # News that are newer than what the measure knew count as its newest; its state moves by steps.
        Measure.objects.filter(pk=made.measure_id, last_news_on__lt=made.date).update(
            last_news_on=made.date, progress=made.progress
        )
