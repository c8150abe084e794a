"""`manage.py council_report YEAR --out FILE`."""

import io
import resource
import stat
from pathlib import Path

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from dialog.models import Document
from dialog.services import pdf
from measures.management.commands.council_report import write_whole
from measures.models import CouncilReport
from measures.services import reports
from tests import council
from tests.factories import MeasureFactory, berlin
from tests.paper import Text

pytestmark = pytest.mark.django_db


def run(year: int | str, out: Path) -> str:
    said = io.StringIO()
    call_command("council_report", str(year), "--out", str(out), stdout=said)
    return said.getvalue()


def text_of(path: Path) -> Text:
    with pikepdf.open(path) as opened:
        return Text(" ".join(pdf.page_texts(opened)))


def test_it_writes_the_report_and_stores_nothing(tmp_path: Path) -> None:
    MeasureFactory(title="Soziale Stadt Gahmen")
    out = tmp_path / "bericht.pdf"

    said = run(2009, out)

    assert str(out) in said
    assert "Soziale Stadt Gahmen" in text_of(out)
    assert list(tmp_path.iterdir()) == [out]
    assert not CouncilReport.objects.exists()
    assert not Document.objects.exists()


def test_the_report_of_the_records_first_year_says_what_happened(tmp_path: Path) -> None:
    call_command("load_record", stdout=io.StringIO())

    run(2009, tmp_path / "bericht.pdf")

    text = text_of(tmp_path / "bericht.pdf")
    for expected in (
        "vom 1. November 2008 bis zum 31. Oktober 2009",
        "Es ist der erste dieser Berichte",
        "Bildungskonferenz",
        "18. Dezember 2008",
        "Lüner Erklärung zur kommunalen Bildungslandschaft",
        "Erste Jahreskonferenz des Lüner Dialogs",
        "27. Januar 2009",
        "November 2008 · Workshop",
        "mindestens einmal im Jahr auf dieser Ebene zu treffen",
        "Den Rat jährlich unterrichten",
        "Grundsätze zur Förderung von Integration unterstützen",
        "Soziale Stadt Gahmen",
        "acht Vereinbarungen",
    ):
        assert expected in text, expected
    assert "enthält Beispieldaten" not in text


def test_a_year_without_data_gives_a_short_report(tmp_path: Path) -> None:
    run(1999, tmp_path / "bericht.pdf")

    assert "Für diese Zeit ist im Portal nichts verzeichnet" in text_of(tmp_path / "bericht.pdf")


def test_of_a_frozen_report_it_writes_what_was_frozen(tmp_path: Path) -> None:
    measure = MeasureFactory(title="Soziale Stadt Gahmen")
    report = reports.open_report(2009, by=None, at=berlin(2010, 11, 20))
    document = council.handed_over(report, at=berlin(2010, 11, 20)).document
    measure.delete()

    run(2009, tmp_path / "bericht.pdf")

    assert (tmp_path / "bericht.pdf").read_bytes() == Path(document.file.path).read_bytes()


def test_a_year_in_the_future_is_an_error_and_leaves_the_old_file(tmp_path: Path) -> None:
    out = tmp_path / "bericht.pdf"
    out.write_text("vorher")

    with pytest.raises(CommandError, match="liegt in der Zukunft"):
        run(timezone.localdate().year + 1, out)

    assert out.read_text() == "vorher"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("year", ["12", "zweitausend"])
def test_what_is_no_year_is_an_error(tmp_path: Path, year: str) -> None:
    with pytest.raises(CommandError):
        run(year, tmp_path / "bericht.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="fehlt"):
        run(2009, tmp_path / "fehlt" / "bericht.pdf")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ist ein Ordner"):
        run(2009, tmp_path)


def test_an_old_file_is_replaced_by_the_whole_new_one(tmp_path: Path) -> None:
    out = tmp_path / "bericht.pdf"
    out.write_text("vorher")

    run(2009, out)

    assert out.read_bytes().startswith(b"%PDF")
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "bericht.pdf"
    out.write_text("vorher")

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            write_whole(out, b"%PDF" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert out.read_text() == "vorher"
    assert list(tmp_path.iterdir()) == [out]


def test_the_file_can_be_read_by_whoever_may_read_files_made_here(tmp_path: Path) -> None:
    (tmp_path / "anderes").touch()
    write_whole(tmp_path / "bericht.pdf", b"%PDF")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1
