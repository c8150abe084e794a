"""Loads the city's record (November 2006 to January 2009) from the files of a folder into the database.

Rows are found again by `record_key`. A row that equals its entry is not touched, so loading twice changes nothing;
a corrected entry is taken over. All or nothing: a wrong file raises `RecordError`, and the database stays as it was.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_fsm import FSMField

from dialog.models import DatePrecision, Numbered, NumberSeries

from . import dates
from .files import KEY, SOURCE, Entry, read
from .sections import RECORD, Section

FOLDER = Path(__file__).parent / "record"

#: Where positions of rows stand that are about to get another one, out of everyone's way.
_PARKED = 10_000
#: Positions of example rows begin after this, behind those of the record.
_EXAMPLES = 100

_NUMBER = re.compile(r"([A-Z]{1,4})-(\d{4})-(\d{3,})")


@dataclass
class Counts:
    """What a load did, by the models' plural names; `gone` are keys that no file has any more."""

    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    gone: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The counts as lines to read."""
        return "\n".join(
            [
                *(_("%(rows)s: %(number)d neu") % line for line in _lines(self.created)),
                *(_("%(rows)s: %(number)d geändert") % line for line in _lines(self.changed)),
                *(_("%(rows)s: %(number)d entfernt") % line for line in _lines(self.removed)),
                *(_("Nicht mehr in den Dateien, bleibt bestehen: %s") % row for row in self.gone),
                _("Insgesamt %(created)d neu, %(changed)d geändert, %(removed)d entfernt, %(unchanged)d unverändert.")
                % {
                    "created": self.created.total(),
                    "changed": self.changed.total(),
                    "removed": self.removed.total(),
                    "unchanged": self.unchanged.total(),
                },
            ]
        )


def _lines(counter: Counter[str]) -> list[dict[str, str | int]]:
    return [{"rows": rows, "number": number} for rows, number in counter.items()]


@dataclass
class _Wanted:
    """An entry on its way to its row."""

    section: Section
    entry: Entry
    key: str
    around: "_Wanted | None" = None
    text: str = ""
    position: int = 0
    keyless: list["_Wanted"] = field(default_factory=list)
    row: Any = None
    is_building: bool = False
    outcome: str = "unchanged"


def load(folder: Path = FOLDER, *, now: dt.datetime | None = None) -> Counts:
    """Loads the files of `folder` and says what changed. RecordError if a file is wrong; then nothing is loaded."""
    with translation.override("de"):
        return load_entries(read(folder), now=now or timezone.now())


@transaction.atomic
def load_entries(
    files: dict[str, list[Entry]],
    *,
    now: dt.datetime,
    sections: Sequence[Section] = RECORD,
    is_example: bool = False,
) -> Counts:
    """Loads entries that have been read; errors as `load`.

    With `is_example` the rows are marked as examples, may refer to rows of the record, and their dates may be
    relative to `now`.
    """
    return _Loader(sections, now, is_example).load(files)


class _Loader:
    def __init__(self, sections: Sequence[Section], now: dt.datetime, is_example: bool) -> None:
        self.sections = sections
        self.now = now
        self.is_example = is_example
        self.wanted: dict[tuple[type[models.Model], str], _Wanted] = {}
        self.existing: dict[type[models.Model], dict[str, Any]] = {}
        self.positions: Counter[tuple[Any, ...]] = Counter()
        self.counts = Counts()

    def load(self, files: dict[str, list[Entry]]) -> Counts:
        self._check_headings(files)
        for section in self.sections:
            for entry in files.get(section.name, []):
                self._collect(section, entry, None)
        self._find_existing()
        if not self.is_example:
            self._clear_away()
        self._park_positions()
        for wanted in self.wanted.values():
            self._build(wanted)
        for wanted in self.wanted.values():
            self._link(wanted)
            self._match_keyless(wanted)
            getattr(self.counts, wanted.outcome)[_plural(wanted.section.model)] += 1
        self._raise_number_series()
        return self.counts

    # ── what the files say ──────────────────────────────────────────────────────────────────────────────

    def _check_headings(self, files: dict[str, list[Entry]]) -> None:
        known = {section.name for section in self.sections}
        for name, entries in files.items():
            if name not in known and entries:
                message = _("Die Überschrift „%(name)s“ ist unbekannt. Möglich sind: %(known)s.")
                raise entries[0].error(message % {"name": name, "known": ", ".join(sorted(known))})

    def _collect(self, section: Section, entry: Entry, around: _Wanted | None) -> None:
        """Checks the entry's field names and remembers it, and those inside it."""
        self._check_fields(section, entry, is_part=around is not None)
        wanted = _Wanted(section, entry, entry.key, around)
        if section.keyless and around:
            around.keyless.append(wanted)
            return
        self._remember(wanted)
        for part in section.parts:
            if part.name not in entry:
                continue
            if part.plain:
                for number, text in enumerate(entry.texts(part.name), start=1):
                    key = f"{entry.key}/{part.name}-{number}"
                    self._remember(_Wanted(part, entry, key, wanted, text))
            else:
                for inner in entry.entries(part.name):
                    self._collect(part, inner, wanted)

    def _check_fields(self, section: Section, entry: Entry, *, is_part: bool) -> None:
        required = [name for name, attribute in section.fields.items() if _is_required(section.model, attribute)]
        optional = [*section.fields, *(part.name for part in section.parts)]
        if not section.keyless:
            required.insert(0, KEY)
            (optional if is_part or self.is_example else required).append(SOURCE)
        entry.check_names(required, optional)

    def _remember(self, wanted: _Wanted) -> None:
        place = (wanted.section.model, wanted.key)
        if place in self.wanted:
            raise wanted.entry.error(_("Diesen Schlüssel gibt es schon."), KEY)
        if wanted.section.ordered:
            wanted.position = self._next_position(wanted)
        self.wanted[place] = wanted

    def _next_position(self, wanted: _Wanted) -> int:
        section = wanted.section
        group = wanted.around.key if wanted.around else ""
        if section.within and not wanted.around:
            group = wanted.entry.text(_name_of(section, section.within))
        self.positions[section.model, group] += 1
        # Inside an entry of the example there is nothing of the record to stand behind.
        behind_the_record = self.is_example and not wanted.around
        return self.positions[section.model, group] + (_EXAMPLES if behind_the_record else 0)

    # ── what the database has ───────────────────────────────────────────────────────────────────────────

    def _find_existing(self) -> None:
        for section, _around in _with_parts(self.sections):
            if not section.keyless and section.model not in self.existing:
                rows: Any = section.model._default_manager.filter(is_example=self.is_example)
                relations = (column.name for column in section.model._meta.many_to_many)
                rows = rows.exclude(record_key=None).prefetch_related(*relations)
                self.existing[section.model] = {row.record_key: row for row in rows}

    def _clear_away(self) -> None:
        """Deletes rows whose entry was taken out of another one, and names those that only lost their entry."""
        for section, around in _with_parts(self.sections):
            if section.keyless:
                continue
            for key in [key for key in self.existing[section.model] if (section.model, key) not in self.wanted]:
                if around and not section.kept and (around.model, key.rpartition("/")[0]) in self.wanted:
                    self.existing[section.model].pop(key).delete()
                    self.counts.removed[_plural(section.model)] += 1
                else:
                    self.counts.gone.append(f"{_plural(section.model)}: {key}")

    def _park_positions(self) -> None:
        """Moves rows that get another position out of the way, so that two may swap theirs."""
        for (model, key), wanted in self.wanted.items():
            row = self.existing[model].get(key)
            if wanted.section.ordered and row is not None and row.position != wanted.position:
                row.position += _PARKED
                model._default_manager.filter(pk=row.pk).update(position=row.position)

    # ── rows ────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self, wanted: _Wanted) -> Any:
        """The entry's row, created or brought up to date, after those it refers to."""
        if wanted.row is not None:
            return wanted.row
        if wanted.is_building:
            raise wanted.entry.error(_("Dieser Eintrag verweist im Kreis auf sich selbst."))
        wanted.is_building = True
        section = wanted.section
        values = self._values(wanted)
        row = self.existing[section.model].get(wanted.key)
        if row is None:
            row = section.model(record_key=wanted.key, is_example=self.is_example, **values)
            wanted.outcome = "created"
            self._save(wanted, row)
        elif _take_over(row, {name: value for name, value in values.items() if name not in section.once}):
            wanted.outcome = "changed"
            self._save(wanted, row)
        wanted.row = row
        return row

    def _values(self, wanted: _Wanted) -> dict[str, Any]:
        """The row's columns as the entry says; a field that is not there has its column's empty value."""
        section, entry = wanted.section, wanted.entry
        values: dict[str, Any] = {"source": self._source(wanted)}
        if wanted.around:
            values[section.within] = self._build(wanted.around)
        if section.ordered:
            values["position"] = wanted.position
        if section.plain:
            values[section.plain] = wanted.text
            return values | (section.derive(values) if section.derive else {})
        if _has(section.model, "slug"):
            values["slug"] = entry.text(KEY)
        for name, attribute in section.fields.items():
            column = _column(section.model, attribute)
            if isinstance(column, models.ManyToManyField):
                continue
            if name in entry:
                values[attribute] = self._value(wanted, name, column, values)
            elif attribute != "date_precision":
                values[attribute] = None if column.null else column.get_default()
        return values | (section.derive(values) if section.derive else {})

    def _source(self, wanted: _Wanted) -> str:
        """The entry's own source, or that of the entry around it."""
        own = wanted.entry.text(SOURCE) if SOURCE in wanted.entry else ""
        return own or (self._source(wanted.around) if wanted.around else "")

    def _value(self, wanted: _Wanted, name: str, column: Any, values: dict[str, Any]) -> Any:
        """The value of a field as its column wants it; a date's precision goes into `values` beside it."""
        entry = wanted.entry
        if isinstance(column, models.ForeignKey):
            return self._referred(entry, name, entry.text(name), column.related_model)
        if self.is_example and not entry.is_text(name):
            return dates.value(entry.part(name), column, self.now)
        if isinstance(column, models.DateField):
            return self._date(wanted, name, column, values)
        if column.choices:
            return entry.choice(name, column.choices)
        if isinstance(column, models.BooleanField):
            return entry.yes(name)
        try:
            return column.to_python(entry.text(name))
        except ValidationError as error:
            raise entry.error(" ".join(error.messages), name) from None

    def _date(self, wanted: _Wanted, name: str, column: Any, values: dict[str, Any]) -> dt.date:
        section, entry = wanted.section, wanted.entry
        date, precision = entry.date(name, end=column.name == "ends_on")
        if column.name in section.fuzzy and _has(section.model, "date_precision"):
            told = any(section.fields.get(other) == "date_precision" for other in entry)
            if not told and values.setdefault("date_precision", precision) != precision:
                message = _("Beginn und Ende müssen gleich genau sein: beide Tag, beide Monat oder beide Jahr.")
                raise entry.error(message, name)
        elif precision != DatePrecision.DAY:
            raise entry.error(_("Hier muss der genaue Tag stehen, zum Beispiel 2008-10-30."), name)
        return date

    def _referred(self, entry: Entry, name: str, key: str, model: Any) -> Any:
        """The row of `model` with this key, from the files; an example may also mean one of the record."""
        if wanted := self.wanted.get((model, key)):
            return self._build(wanted)
        row = model._default_manager.filter(record_key=key).first() if self.is_example else None
        if row is None:
            message = _("„%(key)s“ gibt es nicht unter „%(model)s“.")
            raise entry.error(message % {"key": key, "model": _plural(model)}, name)
        return row

    def _save(self, wanted: _Wanted, row: Any) -> None:
        dated_by = wanted.section.dated_by
        row._history_date = dates.noon(attrgetter(dated_by)(row)) if dated_by else self.now
        try:
            _check(row)
            row.save()
        except ValidationError as error:
            attribute, messages = next(iter(error.message_dict.items()))
            name = "" if attribute == NON_FIELD_ERRORS else _name_of(wanted.section, attribute)
            raise wanted.entry.error(" ".join(messages), name) from None

    # ── what hangs on rows ──────────────────────────────────────────────────────────────────────────────

    def _link(self, wanted: _Wanted) -> None:
        """Sets the row's many-to-many relations where they differ."""
        for name, attribute in wanted.section.fields.items():
            column = _column(wanted.section.model, attribute)
            if not isinstance(column, models.ManyToManyField):
                continue
            keys = wanted.entry.texts(name) if name in wanted.entry else []
            rows = {self._referred(wanted.entry, name, key, column.related_model).pk for key in keys}
            manager = getattr(wanted.row, attribute)
            if {row.pk for row in manager.all()} != rows:
                manager.set(rows)
                wanted.outcome = wanted.outcome.replace("unchanged", "changed")

    def _match_keyless(self, wanted: _Wanted) -> None:
        """Of rows without a key those that no entry has go, and those that are missing come."""
        for part in wanted.section.parts:
            if not part.keyless:
                continue
            rows = {
                _identity(part, row): row for row in part.model._default_manager.filter(**{part.within: wanted.row})
            }
            entries = {}
            for one in wanted.keyless:
                row = part.model(**{part.within: wanted.row}, **self._keyless_values(one))
                entries[_identity(part, row)] = (one, row)
            for identity, row in rows.items():
                if identity not in entries:
                    row.delete()
            for identity, (one, row) in entries.items():
                if identity not in rows:
                    self._save(one, row)
            if rows.keys() != entries.keys():
                wanted.outcome = wanted.outcome.replace("unchanged", "changed")

    def _keyless_values(self, wanted: _Wanted) -> dict[str, Any]:
        fields = wanted.section.fields
        model = wanted.section.model
        return {fields[name]: self._value(wanted, name, _column(model, fields[name]), {}) for name in wanted.entry}

    def _raise_number_series(self) -> None:
        """No number of the files is given a second time by the portal."""
        highest: Counter[tuple[str, int]] = Counter()
        for (model, _key), wanted in self.wanted.items():
            if not issubclass(model, Numbered):
                continue
            found = _NUMBER.fullmatch(wanted.row.number)
            if not found:
                message = _("„%s“ ist keine öffentliche Nummer. Schreiben Sie zum Beispiel M-2008-001.")
                raise wanted.entry.error(message % wanted.row.number, _name_of(wanted.section, "number"))
            place = (found[1], int(found[2]))
            highest[place] = max(highest[place], int(found[3]))
        for (prefix, year), number in highest.items():
            series, _created = NumberSeries.objects.get_or_create(prefix=prefix, year=year)
            if series.last < number:
                series.last = number
                series.save()


def _with_parts(sections: Iterable[Section], around: Section | None = None) -> Iterator[tuple[Section, Section | None]]:
    """Each section, with the section it is a part of."""
    for section in sections:
        yield section, around
        yield from _with_parts(section.parts, section)


def _column(model: type[models.Model], attribute: str) -> Any:
    return model._meta.get_field(attribute)


def _has(model: type[models.Model], column: str) -> bool:
    return any(field.name == column for field in model._meta.fields)


def _is_required(model: type[models.Model], attribute: str) -> bool:
    column = _column(model, attribute)
    return not (column.blank or column.null or column.has_default())


def _name_of(section: Section, attribute: str) -> str:
    """The German name of an attribute in the files."""
    names = {column: name for name, column in section.fields.items()}
    return names.get(attribute, KEY if attribute in {"slug", "record_key"} else attribute)


def _plural(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name_plural)


def _take_over(row: models.Model, values: dict[str, Any]) -> bool:
    """Writes what differs into the row, and says whether anything did."""
    different = {
        name: value
        for name, value in values.items()
        if getattr(row, _column(type(row), name).attname) != getattr(value, "pk", value)
    }
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _check(row: models.Model) -> None:
    """What `full_clean` does, for rows with states: it would set the state, which only a transition may."""
    row.clean_fields(exclude={column.name for column in row._meta.fields if isinstance(column, FSMField)})
    row.clean()
    row.validate_unique()
    row.validate_constraints()


def _identity(section: Section, row: models.Model) -> tuple[Any, ...]:
    return tuple(getattr(row, _column(type(row), name).attname) for name in section.fields.values())
