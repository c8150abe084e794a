"""Data files that a clerk can read and correct: YAML in which every value knows where it stands.

Every scalar is read as text; what it has to be (a date, a number, yes or no) the loader knows from the model. So
nobody who corrects a file has to know that YAML takes `2008-10-30` for a date and `2008-10` for a text.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from dialog.models import DatePrecision

KEY, SOURCE = "schlüssel", "quelle"


class RecordError(Exception):
    """What is wrong in a data file, and where, in German: file, line, entry, field."""

    def __init__(self, message: str, *, file: str, line: int = 0, entry: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message, self.file, self.line, self.entry, self.field = message, file, line, entry, field

    def __str__(self) -> str:
        places = [_("Datei %s") % self.file]
        if self.line:
            places.append(_("Zeile %s") % self.line)
        if self.entry:
            places.append(_("Eintrag „%s“") % self.entry)
        if self.field:
            places.append(_("Feld „%s“") % self.field)
        return f"{', '.join(places)}: {self.message}"


class Entry:
    """One entry of a file: German names and their values.

    `key` is unique among the entries of its section; an entry inside another has the other's key before its own.
    """

    def __init__(self, node: yaml.Node, *, file: str, name: str, around: str = "") -> None:
        self.file, self.name, self.line = file, name, node.start_mark.line + 1
        self._nodes: dict[str, yaml.Node] = {}
        self._fill(node)
        own = self.text(KEY) if KEY in self else ""
        self.key = f"{around}/{own}" if around and own else own
        self.name = self.key or name

    def _fill(self, node: yaml.Node) -> None:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(_("Hier wird ein Eintrag mit Feldern erwartet (Feld: Wert)."))
        for field, value in node.value:
            if not isinstance(field, yaml.ScalarNode):
                raise self.error(_("Ein Feldname muss ein einfaches Wort sein."))
            if field.value in self:
                raise self.error(_("Dieses Feld steht zweimal da."), field.value)
            self._nodes[field.value] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __contains__(self, field: str) -> bool:
        return field in self._nodes

    def error(self, message: str, field: str = "") -> RecordError:
        """A `RecordError` that points at `field` of this entry, or at the entry."""
        node = self._nodes.get(field)
        line = node.start_mark.line + 1 if node else self.line
        return RecordError(message, file=self.file, line=line, entry=self.name, field=field)

    def text(self, field: str) -> str:
        """The value as text, without white space around it."""
        node = self._nodes[field]
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(_("Hier wird ein Text erwartet, keine Liste."), field)
        return node.value.strip()

    def texts(self, field: str) -> list[str]:
        """The value as a list of texts; a single text is a list of one."""
        node = self._nodes[field]
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(one, yaml.ScalarNode) for one in nodes):
            raise self.error(_("Hier wird eine Liste von Texten erwartet."), field)
        return [one.value.strip() for one in nodes]

    def entries(self, field: str) -> list["Entry"]:
        """The entries inside this one."""
        node = self._nodes[field]
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(_("Hier wird eine Liste von Einträgen erwartet, jeder mit einem Strich davor."), field)
        around = f"{self.name}/{field}" if self.name else field
        return [
            Entry(one, file=self.file, name=f"{around} {number}", around=self.key)
            for number, one in enumerate(node.value, start=1)
        ]

    def part(self, field: str) -> "Entry":
        """The value as an entry of its own, like `{vor_monaten: 3}`."""
        return Entry(self._nodes[field], file=self.file, name=self.name)

    def is_text(self, field: str) -> bool:
        return isinstance(self._nodes[field], yaml.ScalarNode)

    def date(self, field: str, *, end: bool = False) -> tuple[dt.date, DatePrecision]:
        """`2008-10-30`, `2008-10` or `2008` as a date and how exactly it is known.

        Of a month or a year it is the first day, or the last if `end`.
        """
        try:
            return _parse_date(self.text(field), end)
        except ValueError:
            message = _("„%s“ ist kein Datum. Schreiben Sie 2008-10-30, 2008-10 oder 2008.")
            raise self.error(message % self.text(field), field) from None

    def yes(self, field: str) -> bool:
        """`ja` or `nein`."""
        try:
            return {"ja": True, "nein": False}[self.text(field).casefold()]
        except KeyError:
            raise self.error(_("„%s“ ist weder ja noch nein.") % self.text(field), field) from None

    def choice(self, field: str, choices: Iterable[tuple[Any, Any]]) -> Any:
        """The value among a column's `choices` whose label stands here."""
        values = {str(label): value for value, label in choices if value}
        text = self.text(field)
        if text not in values:
            message = _("„%(text)s“ gibt es hier nicht. Möglich sind: %(choices)s.")
            raise self.error(message % {"text": text, "choices": ", ".join(values)}, field)
        return values[text]

    def check_names(self, required: Sequence[str], optional: Iterable[str] = ()) -> None:
        """RecordError for a field that has no place here, and for a required one that is not there or empty."""
        known = {*required, *optional}
        for field in self:
            if field not in known:
                message = _("Dieses Feld gibt es hier nicht. Möglich sind: %s.")
                raise self.error(message % ", ".join(sorted(known)), field)
        for field in required:
            if field not in self or (self.is_text(field) and not self.text(field)):
                raise self.error(_("Dieses Feld fehlt oder ist leer."), field)


def read(folder: Path) -> dict[str, list[Entry]]:
    """The entries of all files of `folder` by section, in the order of the files' names.

    RecordError for a folder without files, a file that is not UTF-8 or not YAML, or one of another shape.
    """
    sections: dict[str, list[Entry]] = {}
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise RecordError(_("In diesem Ordner liegt keine Datei, die auf .yaml endet."), file=str(folder))
    for path in paths:
        for section, entries in _read_file(path).items():
            sections.setdefault(section, []).extend(entries)
    return sections


def _read_file(path: Path) -> dict[str, list[Entry]]:
    file = path.name
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise RecordError(_("Die Datei ist nicht in UTF-8 gespeichert."), file=file) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        message = _("Hier lässt sich die Datei nicht lesen (%s). Stimmen Einrückung, Doppelpunkte und Striche?")
        raise RecordError(message % error.problem, file=file, line=line) from None
    except yaml.YAMLError as error:
        raise RecordError(_("Die Datei lässt sich nicht lesen (%s).") % error, file=file) from None
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        message = _("Die Datei muss mit einer Überschrift beginnen, zum Beispiel „gremien:“.")
        raise RecordError(message, file=file, line=node.start_mark.line + 1)
    top = Entry(node, file=file, name="")
    return {section: top.entries(section) for section in top}


_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def _parse_date(text: str, end: bool) -> tuple[dt.date, DatePrecision]:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if found[3]:
        return dt.date(year, month, day), DatePrecision.DAY
    if found[2]:
        return dt.date(year, month, monthrange(year, month)[1] if end else 1), DatePrecision.MONTH
    return (dt.date(year, 12, 31) if end else dt.date(year, 1, 1)), DatePrecision.YEAR
