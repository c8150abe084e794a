"""What gathers around the example's measures: files, pictures, questions with their answers, and followers."""

import datetime as dt
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw
from post_office.models import Email

from dialog.models import Person, User
from dialog.services import followings, tables
from measures.models import Measure
from measures.services import attachments, questions

from .files import Entry, RecordError
from .telling import find_row, is_yes, moment, optional_text, row_of

#: Drawn twice as large and made smaller, so that slanting edges are smooth.
SIZE, FINER = (1200, 800), 2
SHAPES = ("rechteck", "kreis", "vieleck")

#: The fields that an entry must have, and those it may have.
Fields = tuple[list[str], list[str]]

PICTURE = (["maßnahme", "am", "titel", "alternativtext", "flächen"], ["urheber"])
TABLE: Fields = (["maßnahme", "am", "titel", "datei", "zeilen"], [])
QUESTION = (
    ["maßnahme", "gefragt", "name", "mail", "frage"],
    ["name_darf_genannt_werden", "weitergegeben", "beantwortet", "beantwortet_von", "antwort"],
)
FOLLOWING: Fields = (["person", "maßnahmen", "seit"], [])


def tell_picture(entry: Entry, now: dt.datetime) -> None:
    """A drawing, made here of the areas that the entry lists, the rearmost first."""
    kept = BytesIO()
    _draw(entry).save(kept, "PNG")
    attachments.add(
        find_row(entry, "maßnahme", Measure),
        SimpleUploadedFile("zeichnung.png", kept.getvalue()),
        title=entry.text("titel"),
        alternative=entry.text("alternativtext"),
        credit=optional_text(entry, "urheber"),
        by=None,
        at=moment(entry, "am", now),
    )


def _draw(entry: Entry) -> Image.Image:
    picture = Image.new("RGB", (SIZE[0] * FINER, SIZE[1] * FINER), "white")
    pen = ImageDraw.Draw(picture)
    for area in entry.texts("flächen"):
        try:
            shape, colour, *points = area.split()
            corners = [tuple(int(number) * FINER for number in point.split(",")) for point in points]
            {"rechteck": pen.rectangle, "kreis": pen.ellipse, "vieleck": pen.polygon}[shape](corners, fill=colour)
        except (KeyError, ValueError, TypeError):
            raise _unreadable(entry, area) from None
    return picture.resize(SIZE, Image.Resampling.LANCZOS)


def _unreadable(entry: Entry, area: str) -> RecordError:
    message = _("„%(area)s“ lässt sich nicht zeichnen. Schreiben Sie: %(shapes)s, Farbe, Punkte (x,y).")
    return entry.error(message % {"area": area, "shapes": ", ".join(SHAPES)}, "flächen")


def tell_table(entry: Entry, now: dt.datetime) -> None:
    """A document: a table of which the entry has the rows, their cells parted by `;`."""
    rows = [[cell.strip() for cell in row.split(";")] for row in entry.texts("zeilen")]
    with tables.xlsx_file(rows, title=entry.text("titel")) as file:
        upload = SimpleUploadedFile(entry.text("datei"), file.read())
    attachments.add(
        find_row(entry, "maßnahme", Measure), upload, title=entry.text("titel"), by=None, at=moment(entry, "am", now)
    )


def tell_question(entry: Entry, now: dt.datetime) -> None:
    """Asked and confirmed; perhaps passed on; perhaps answered, and then for everyone to read."""
    at = moment(entry, "gefragt", now)
    question = questions.ask(
        find_row(entry, "maßnahme", Measure),
        name=entry.text("name"),
        email=entry.text("mail"),
        text=entry.text("frage"),
        name_public=is_yes(entry, "name_darf_genannt_werden"),
        by=None,
        at=at,
    )
    question.is_example = True
    questions.confirm(question, at=at)
    if "weitergegeben" in entry:
        questions.forward(question, by=None, at=moment(entry, "weitergegeben", now))
    if "antwort" in entry:
        account = User.objects.get(person=find_row(entry, "beantwortet_von", Person))
        answered = moment(entry, "beantwortet", now)
        questions.answer(question, text=entry.text("antwort"), publish=True, by=account, at=answered)
    Email.objects.filter(to=question.email).delete()


def tell_following(entry: Entry, now: dt.datetime) -> None:
    """Somebody with an account who wants to hear of measures."""
    account = User.objects.get(person=find_row(entry, "person", Person))
    for key in entry.texts("maßnahmen"):
        followings.follow(row_of(entry, "maßnahmen", key, Measure), by=account, at=moment(entry, "seit", now))
