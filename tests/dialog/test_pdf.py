import base64
import datetime as dt
import http.server
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from weasyprint import HTML

from dialog.services import pdf, pdf_sources
from dialog.services.pdf_sources import StaticFiles

AT = dt.datetime(2009, 11, 20, 9, tzinfo=dt.UTC)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
TEXT = "Der Rat wird gebeten, den Bericht über die Umsetzung der Maßnahmen zur Kenntnis zu nehmen."


@pytest.fixture
def document(settings: Any, tmp_path: Path) -> Callable[..., bytes]:
    """Renders a document with the given body, through a template like any other."""
    folder = tmp_path / "templates"
    folder.mkdir()
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [folder, *engine["DIRS"]]}]

    def render(body: str, title: str = "Niederschrift", at: dt.datetime = AT, **context: Any) -> bytes:
        (folder / "letter.html").write_text(
            f'{{% extends "pdf/base.html" %}}{{% block content %}}{body}{{% endblock %}}'
        )
        return pdf.render("letter.html", context, title=title, at=at)

    return render


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def images(content: bytes) -> int:
    return sum(len(page.get_images()) for page in opened(content).pages)


def test_a_document_is_tagged_and_says_title_language_author_and_date(document: Callable[..., bytes]) -> None:
    made = opened(document("<h1>Sitzung</h1><p>Es wurde beraten.</p>"))

    assert made.Root.MarkInfo.Marked
    assert made.Root.StructTreeRoot.K
    assert made.Root.Lang == "de"
    assert made.Root.ViewerPreferences.DisplayDocTitle
    assert made.docinfo.Title == "Niederschrift"
    assert made.docinfo.Author == "Lüner Dialog"
    assert made.docinfo.CreationDate == "D:20091120090000+00'00"
    assert b'pdfuaid:part="1"' in made.Root.Metadata.read_bytes()


def test_what_stands_in_the_context_is_escaped(document: Callable[..., bytes]) -> None:
    made = document("<p>{{ text }}</p>", text="<b>fett</b>")

    assert "<b>fett</b>" in " ".join(pdf.page_texts(opened(made)))


def test_no_line_ends_inside_an_abbreviation_or_before_a_percent_sign(document: Callable[..., bytes]) -> None:
    made = document("<p>Verein {{ name }} e. V., z. B. 65 % und 5 %</p>", name="Brücke")

    with pikepdf.open(io.BytesIO(made)) as opened:
        (text,) = pdf.page_texts(opened)
    assert "Verein Brücke e.\xa0V., z.\xa0B. 65\xa0% und 5\xa0%" in text


def test_headings_become_bookmarks(document: Callable[..., bytes]) -> None:
    with opened(document("<h2>Tagesordnung</h2><h3>Wege</h3><h2>Beschlüsse</h2>")).open_outline() as outline:
        assert [item.title for item in outline.root] == ["Tagesordnung", "Beschlüsse"]
        assert [item.title for item in outline.root[0].children] == ["Wege"]


def test_all_fonts_are_the_portals_own_and_embedded(document: Callable[..., bytes]) -> None:
    made = opened(document(f"<h2>Sitzung</h2><p>{TEXT} <i>schräg</i> <b>halbfett</b></p>"))

    fonts = [font for page in made.pages for font in page.Resources.Font.values()]
    assert len(fonts) == 3
    for font in fonts:
        (descendant,) = font.DescendantFonts
        assert "Fira" in str(descendant.BaseFont)
        assert {"/FontFile2", "/FontFile3"} & set(descendant.FontDescriptor.keys())


def test_the_same_input_gives_the_same_bytes(document: Callable[..., bytes]) -> None:
    body = f"<h1>Sitzung</h1><p>{TEXT}</p>"

    assert document(body) == document(body)
    assert document(body) != document(body, at=AT + dt.timedelta(days=1))


def test_relative_addresses_lead_to_the_portal(document: Callable[..., bytes], settings: Any) -> None:
    settings.BASE_URL = "https://dialog.example.org"
    made = opened(document('<p><a href="/massnahmen/">Maßnahmen</a></p>'))

    (link,) = made.pages[0].Annots
    assert str(link.A.URI) == "https://dialog.example.org/massnahmen/"


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server that hands out a picture and remembers who asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(PNG)

        def log_message(self, *args: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}", asked
        running.shutdown()
        thread.join()


def test_nothing_comes_from_the_network(
    document: Callable[..., bytes], server: tuple[str, list[str]], settings: Any
) -> None:
    address, asked = server
    settings.BASE_URL = address
    made = document(
        f'<img src="{address}/bild.png" alt="Bild"><img src="/bild.png" alt="Bild">'
        f'<link rel="stylesheet" href="{address}/fremd.css"><link rel="attachment" href="{address}/anhang">'
    )

    assert asked == []
    assert images(made) == 0
    assert "/EmbeddedFiles" not in opened(made).Root.get("/Names", {})


def test_nothing_comes_from_the_disk(document: Callable[..., bytes], tmp_path: Path) -> None:
    (tmp_path / "bild.png").write_bytes(PNG)
    address = (tmp_path / "bild.png").as_uri()

    assert images(document(f'<img src="{address}" alt="Bild"><img src="file:///etc/passwd" alt="Bild">')) == 0
    attached = document(f'<link rel="attachment" href="{address}"><p>Text</p>')
    assert "/EmbeddedFiles" not in opened(attached).Root.get("/Names", {})


def test_pictures_in_the_document_itself_are_shown(document: Callable[..., bytes]) -> None:
    picture = base64.b64encode(PNG).decode()

    assert images(document(f'<img src="data:image/png;base64,{picture}" alt="Bild">')) == 1


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://example.org/",
        "http://127.0.0.1:8000/media/documents/ab/abc.pdf",
        "http://127.0.0.1:8000.example.org/static/css/document.css",
        "ftp://127.0.0.1/static/css/document.css",
        "jar:file:///etc/passwd!/",
    ],
)
def test_addresses_that_are_not_ours_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="disallowed"):
        StaticFiles().fetch(address)


@pytest.mark.parametrize("path", ["../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd"])
def test_the_static_files_have_no_way_out(path: str, settings: Any) -> None:
    with pytest.raises(Exception, match=r"outside|passwd") as refused:
        StaticFiles().fetch(f"{settings.BASE_URL}/static/{path}")

    assert type(refused.value).__name__ in {"SuspiciousFileOperation", "FileNotFoundError"}


def test_the_static_files_are_served_with_their_type(settings: Any) -> None:
    found = StaticFiles().fetch(f"{settings.BASE_URL}/static/css/document.css")

    assert found.content_type == "text/css"
    assert b"@page" in found.read()


def test_fonts_are_unpacked_once_for_all_documents(settings: Any) -> None:
    address = f"{settings.BASE_URL}/static/fonts/fira-sans-400.woff2"
    first, second = StaticFiles().fetch(address), StaticFiles().fetch(address)

    assert first.content_type == "font/ttf"
    assert first.read()[:4] == b"\x00\x01\x00\x00"
    assert pdf_sources._unpacked.cache_info().hits >= 1
    assert second.read()[:4] == b"\x00\x01\x00\x00"


def test_the_check_says_what_it_found(document: Callable[..., bytes]) -> None:
    made = document(f'<h2>Größe &amp; Fläche</h2><p style="width: 20mm">{TEXT * 3}</p><h2 class="neu">Ende</h2>')

    found = pdf.check(made, texts=["Größe & Fläche", TEXT, "Ende"])

    assert found == pdf.Checked(pages=1, title="Niederschrift", lang="de")


def test_the_check_misses_what_is_not_there(document: Callable[..., bytes]) -> None:
    with pytest.raises(pdf.Broken, match="Soziale Stadt Gahmen"):
        pdf.check(document("<p>Etwas anderes.</p>"), texts=["Etwas anderes.", "Soziale Stadt Gahmen"])


def test_the_check_finds_a_text_that_runs_over_pages(document: Callable[..., bytes]) -> None:
    long = " ".join(f"Satz {n}: {TEXT}" for n in range(100))
    made = document(f"<p>Am Anfang.</p><p>{long}</p><p>Am Ende.</p>")

    assert pdf.check(made, texts=["Am Anfang.", long, "Am Ende."]).pages > 2
    with pytest.raises(pdf.Broken, match="Satz 0"):
        pdf.check(made, texts=[f"{long} Satz 100: Mehr Licht."])


def test_the_check_takes_letters_that_no_font_has(document: Callable[..., bytes]) -> None:
    text = "Ein Fest 🎉 für alle, أهلا وسهلا, und ein Café"

    pdf.check(document(f"<p>{text}</p>"), texts=[text])


def test_the_check_refuses_what_is_not_whole(document: Callable[..., bytes]) -> None:
    for broken in (b"", b"Kein PDF", document("<p>Text</p>")[:200]):
        with pytest.raises(pdf.Broken, match="nicht öffnen"):
            pdf.check(broken)


def test_the_check_refuses_an_untagged_document() -> None:
    bare = HTML(string="<html lang=de><title>Titel</title><p>Text</p>").write_pdf()

    with pytest.raises(pdf.Broken, match="Gliederung"):
        pdf.check(bare)


def test_the_check_refuses_a_document_without_title() -> None:
    nameless = HTML(string="<html lang=de><p>Text</p>").write_pdf(pdf_variant="pdf/ua-1")

    with pytest.raises(pdf.Broken, match="Titel"):
        pdf.check(nameless)
