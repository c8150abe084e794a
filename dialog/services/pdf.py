"""Documents out: renders any document from a template to PDF that everyone can read (PDF/UA-1) and that keeps
(PDF/A-3a), and opens it again to check it.
"""

import bisect
import datetime as dt
import gc
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pikepdf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from dialog.services import pdf_archive
from dialog.services.pdf_archive import Attached


class Broken(Exception):
    """A document that must not go out; the text says what is wrong with it."""


@dataclass(frozen=True)
class Checked:
    """What a document says of itself when it is opened again."""

    pages: int
    title: str
    lang: str


def html(template: str, context: dict[str, Any], *, title: str, at: dt.datetime, lang: str = "de") -> str:
    """The page that `render` sets; `template` extends `pdf/base.html`."""
    made_at = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    return _kept_together(render_to_string(template, {**context, "title": title, "at": made_at, "lang": lang}))


#: Abbreviations of German, and a number and its percent sign: no line ends between their parts.
_TOGETHER = re.compile(r"\b(e\.|z\.|d\.|u\.) (V\.|B\.|h\.|a\.)|(\d) (%)")


def _kept_together(source: str) -> str:
    return _TOGETHER.sub(lambda found: "\N{NO-BREAK SPACE}".join(part for part in found.groups() if part), source)


def render(
    template: str,
    context: dict[str, Any],
    *,
    title: str,
    at: dt.datetime,
    lang: str = "de",
    attached: Iterable[Attached] = (),
) -> bytes:
    """A tagged PDF with language, title, author and bookmarks; the same input gives the same bytes.

    `at` is the date the document bears, `attached` the files inside it. Relative addresses in it lead to the portal
    (`BASE_URL`). Raises `Broken` if a link leads to a place in the document that is not there.
    """
    # Loaded here: it costs half a second and 40 MB, and most processes never set a document.
    from weasyprint import HTML

    from dialog.services.pdf_sources import StaticFiles

    source, attached = html(template, context, title=title, at=at, lang=lang), list(attached)
    _must_lead_somewhere(source)
    identity = hashlib.sha256(source.encode())
    for file in attached:
        identity.update(file.content)
    with _no_search_for_cycles():
        return HTML(string=source, base_url=settings.BASE_URL, url_fetcher=StaticFiles()).write_pdf(
            finisher=pdf_archive.declare_readable,
            pdf_variant="pdf/a-3a",
            pdf_identifier=identity.digest()[:16],
            attachments=pdf_archive.attachments(attached, at=at),
        )


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Setting a document makes millions of objects that live to its end; Python would look through them all, over and
    over, which takes an eighth of the time and finds nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_PLACES = re.compile(r'\bid="([^"]+)"')
_LINKS = re.compile(r'\bhref="#([^"]*)"')


def _must_lead_somewhere(source: str) -> None:
    # WeasyPrint leaves out such a link and prints no page number for it, and goes on.
    if lost := set(_LINKS.findall(source)) - set(_PLACES.findall(source)):
        raise Broken(_("Im Dokument führt ein Verweis ins Leere: %(names)s") % {"names": ", ".join(sorted(lost)[:5])})


def check(content: bytes, *, texts: Iterable[str] = ()) -> Checked:
    """Opens a document again. Raises `Broken` if it is not a whole, tagged PDF in which all of `texts` stand.

    Fastest for `texts` in the order of the document.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return _checked(pdf, texts)
    except pikepdf.PdfError as error:
        raise Broken(_("Das Dokument lässt sich nicht öffnen.")) from error


def _checked(pdf: pikepdf.Pdf, texts: Iterable[str]) -> Checked:
    catalog, title = pdf.Root, str(pdf.docinfo.get("/Title", ""))
    if not pdf.pages:
        raise Broken(_("Das Dokument hat keine Seiten."))
    if "/StructTreeRoot" not in catalog or "/MarkInfo" not in catalog:
        raise Broken(_("Dem Dokument fehlt die Gliederung für Vorleseprogramme."))
    if "/Lang" not in catalog or not title:
        raise Broken(_("Dem Dokument fehlen Titel oder Sprache."))
    if texts := list(texts):
        whole = _closed_up(" ".join(page_texts(pdf)))
        if missing := list(_missing(texts, whole)):
            raise Broken(_("Im Dokument fehlt: %(text)s") % {"text": "; ".join(text[:200] for text in missing[:5])})
    return Checked(pages=len(pdf.pages), title=title, lang=str(catalog["/Lang"]))


def _closed_up(text: str) -> str:
    """The Latin letters and digits of `text`.

    The rest differs between a sentence and its lines on paper (spaces, hyphens), or the fonts may not have it.
    """
    return re.sub(r"[^0-9A-Za-z\u00c0-\u017f]+", "", unicodedata.normalize("NFKC", text))


#: So many letters of a text, at least, stand on each page that it runs over: less than the two lines of a paragraph.
_LETTERS_A_PAGE = 12


def _missing(texts: Iterable[str], whole: str) -> Iterator[str]:
    """Those of `texts` that do not stand in `whole`, which is closed up."""
    place = 0
    for text in texts:
        wanted = _closed_up(text)
        found = whole.find(wanted, place)
        if found >= 0:
            place = found
        elif not _stands_in_pieces(wanted, whole):
            yield text


def _stands_in_pieces(text: str, whole: str) -> bool:
    """Whether `text` stands in `whole`, in one piece or cut by what stands at the foot and head of pages."""
    while text not in whole:
        cut = bisect.bisect_left(range(1, len(text)), True, key=lambda length: text[:length] not in whole)
        if cut < _LETTERS_A_PAGE:
            return False
        text = text[cut:]
    return True


#: In a page as WeasyPrint writes it: the choice of a font, and a line of glyphs by number.
_SHOWN = re.compile(rb"/(\S+) [\d.]+ Tf|\[([^\]]*)\] TJ")
_GLYPHS = re.compile(rb"<([0-9a-f]+)>")
_LETTERS = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")


def page_texts(pdf: pikepdf.Pdf) -> Iterator[str]:
    """The text of each page of a document made here, in the order of its drawing; lines apart by a space."""
    fonts: dict[str, dict[str, str]] = {}
    for page in pdf.pages:
        letters: dict[str, str] = {}
        lines = []
        for name, line in _SHOWN.findall(page.Contents.read_bytes()):
            if name:
                font = f"/{name.decode()}"
                if font not in fonts:
                    fonts[font] = _letters(page.Resources.Font[font].ToUnicode.read_bytes())
                letters = fonts[font]
            else:
                glyphs = b"".join(_GLYPHS.findall(line)).decode()
                numbers = (glyphs[at : at + 4] for at in range(0, len(glyphs), 4))
                lines.append("".join(letters.get(number, "\ufffd") for number in numbers))
        yield " ".join(lines)


def _letters(to_unicode: bytes) -> dict[str, str]:
    """Glyph number → the letters it stands for, from a font's ToUnicode table."""
    return {
        glyph.decode(): bytes.fromhex(letters.decode()).decode("utf-16-be")
        for glyph, letters in _LETTERS.findall(to_unicode)
    }
