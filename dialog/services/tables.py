"""Tables as files: read from CSV and XLSX whatever program wrote them, and written so that nothing in them is run."""

import csv
import datetime as dt
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import tablib
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import widgets
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: An XLSX is a ZIP; no table needs more than this when it is unpacked.
MAX_UNPACKED = 100 * 1024 * 1024

UTF8_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"

#: What a spreadsheet would take for a formula; with an apostrophe before it, it stays a text.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


class SafeText(widgets.Widget):
    """A text that no spreadsheet takes for a formula, and that comes back unchanged."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        text = str(value or "")
        return f"'{text}" if _FORMULA.match(text) else text

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = str(value if value is not None else "").strip()
        return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


class Word(SafeText):
    """One of the words of a choice."""

    def __init__(self, choices: Any) -> None:
        super().__init__()
        self.choices = choices

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(dict(self.choices)[value])

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        word = super().clean(value)
        found = {str(label).casefold(): key for key, label in self.choices}.get(word.casefold())
        if found is None:
            words = ", ".join(str(label) for _key, label in self.choices)
            raise ValueError(_("Unbekannt: „%(word)s“. Möglich sind: %(words)s.") % {"word": word, "words": words})
        return found


class GermanDate(widgets.Widget):
    """A day as a German spreadsheet has it: 31.12.2009, as text or as a date."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return f"{value:%d.%m.%Y}" if value else ""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> dt.date:
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        for form in ("%d.%m.%Y", "%Y-%m-%d"):
            try:
                return dt.datetime.strptime(str(value or "").strip(), form).date()  # noqa: DTZ007
            except ValueError:
                continue
        raise ValueError(_("Kein Datum: „%(value)s“. Bitte so schreiben: 31.12.2009.") % {"value": value or ""})


def read(content: bytes, columns: Sequence[str], *, max_rows: int) -> tablib.Dataset:
    """The table in a CSV (UTF-8 or Windows-1252; semicolon, comma or tab) or XLSX file.

    ValidationError if it is neither, too large, longer than `max_rows`, or has other columns than `columns`.
    """
    is_xlsx = content[:4] == b"PK\x03\x04"
    rows = _xlsx_rows(content) if is_xlsx else _csv_rows(content)
    header = [str(cell if cell is not None else "").strip() for cell in next(rows, [])]
    while header and not header[-1]:
        header.pop()
    missing = [column for column in columns if column not in header]
    unknown = [column for column in header if column not in columns]
    if missing or unknown or len(set(header)) != len(header):
        raise ValidationError(
            _(
                "Die Spalten passen nicht. Erwartet werden: %(columns)s. "
                "Es fehlen: %(missing)s. Unbekannt: %(unknown)s."
            ),
            params={
                "columns": ", ".join(columns),
                "missing": ", ".join(missing) or "–",
                "unknown": ", ".join(f"„{name[:40]}“" for name in unknown[:10]) or "–",
            },
        )
    data = tablib.Dataset(headers=header)
    for row in rows:
        cells = [*row[: len(header)], *[""] * (len(header) - len(row))]
        if len(data) >= max_rows:
            raise ValidationError(_("Die Datei hat mehr als %(rows)d Zeilen."), params={"rows": max_rows})
        data.append(cells)
    while len(data) and not any(str(cell or "").strip() for cell in data[-1]):
        del data[-1]
    if not len(data):
        raise ValidationError(_("Die Datei enthält keine Zeilen."))
    return data


def _csv_rows(content: bytes) -> Iterator[list[Any]]:
    if b"\x00" in content[:4096]:
        raise ValidationError(_("Diese Datei ist weder CSV noch XLSX."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What German Excel writes.
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise ValidationError(_("Die Datei lässt sich nicht als CSV lesen.")) from error


class Formula(str):
    """The text of a formula, which is never taken for a value."""


def _xlsx_rows(content: bytes) -> Iterator[list[Any]]:
    unreadable = ValidationError(_("Die Datei lässt sich nicht als XLSX lesen."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise ValidationError(_("Die Datei ist ausgepackt zu groß."))
        book = load_workbook(io.BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        # Files may claim any size; the rows that are there count.
        sheet.reset_dimensions()
        for row in sheet.iter_rows():
            yield [Formula(cell.value) if cell.data_type == "f" else cell.value for cell in row]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, OSError, SyntaxError) as error:
        raise unreadable from error


def write(data: tablib.Dataset, kind: str) -> bytes:
    """A table as `csv` or `xlsx`. KeyError for anything else."""
    if kind == "xlsx":
        return data.export("xlsx")
    if kind != "csv":
        raise KeyError(kind)
    # German Excel opens it as it is: semicolons, and a mark that it is UTF-8.
    return (UTF8_MARK + data.export("csv", delimiter=";")).encode()


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """`rows` as the lines of a CSV that German Excel opens as it is, one by one."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield UTF8_MARK
    for row in rows:
        yield writer.writerow(row)


def xlsx_file(rows: Iterable[Sequence[str]], *, title: str) -> IO[bytes]:
    """`rows` as an XLSX in a temporary file, opened at its beginning and gone when it is closed."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    book.save(file)
    file.seek(0)
    return file
