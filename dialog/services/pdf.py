"""Documents out: renders any document from a template to PDF that everyone can read (PDF/UA-1) and that keeps
(PDF/A-3a), and opens it again to check it.
"""

import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
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
    return render_to_string(template, {**context, "title": title, "at": made_at, "lang": lang})


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
    (`BASE_URL`).
    """
    # Loaded here: it costs half a second and 40 MB, and most processes never set a document.
    from weasyprint import HTML

    from dialog.services.pdf_sources import StaticFiles

    source, attached = html(template, context, title=title, at=at, lang=lang), list(attached)
    identity = hashlib.sha256(source.encode())
    for file in attached:
        identity.update(file.content)
    return HTML(string=source, base_url=settings.BASE_URL, url_fetcher=StaticFiles()).write_pdf(
        finisher=pdf_archive.declare_readable,
        pdf_variant="pdf/a-3a",
        pdf_identifier=identity.digest()[:16],
        attachments=pdf_archive.attachments(attached, at=at),
    )


def check(content: bytes, *, texts: Iterable[str] = ()) -> Checked:
    """Opens a document again. Raises `Broken` if it is not a whole, tagged PDF in which all of `texts` stand."""
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
        if missing := [text for text in texts if _closed_up(text) not in whole]:
            raise Broken(_("Im Dokument fehlt: %(text)s") % {"text": "; ".join(missing[:5])})
    return Checked(pages=len(pdf.pages), title=title, lang=str(catalog["/Lang"]))


def _closed_up(text: str) -> str:
    """`text` without what differs between a sentence and its lines on paper: spaces, hyphens, soft hyphens."""
    return re.sub(r"[\s\u00ad\u2010-]+", "", text)


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
