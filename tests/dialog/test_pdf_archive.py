"""One file for two standards, and files inside a file."""

import datetime as dt
import io
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest
from weasyprint import HTML

from dialog.services import pdf, pdf_archive
from dialog.services.pdf_archive import Attached
from tests import verapdf

AT = dt.datetime(2009, 11, 20, 9, tzinfo=dt.UTC)
TABLE = Attached("massnahmen.csv", b"Nummer;Titel\r\nM-2009-001;Wege", "Tabelle der Maßnahmen")
SNAPSHOT = Attached("bericht.json", b'{"year": 2009}', "Inhalt als JSON", "Source")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
#: With the portal's own fonts left out; `test_pdf` looks at those.
PAGE = (
    '<!doctype html><html lang="de"><head><title>Niederschrift</title></head>'
    '<body><h1>Sitzung</h1><p><a href="https://example.org/">Wege</a></p>{}</body></html>'
)


def write(body: str = "", *attached: Attached, at: dt.datetime = AT) -> bytes:
    return HTML(string=PAGE.format(body)).write_pdf(
        pdf_variant="pdf/a-3a",
        pdf_identifier=b"0" * 16,
        finisher=pdf_archive.declare_readable,
        attachments=pdf_archive.attachments(attached, at=at),
    )


def test_the_metadata_name_both_standards_in_one_block() -> None:
    with pikepdf.open(io.BytesIO(write())) as made:
        xmp = made.Root.Metadata.read_bytes()

    (block,) = ElementTree.fromstring(xmp).iter(f"{RDF}RDF")  # noqa: S314 our own file
    named = {name: value for row in block for name, value in row.attrib.items()}
    assert named["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
    assert named["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
    assert named["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "A"


def test_attached_files_come_back_as_they_went_in() -> None:
    made = pikepdf.open(io.BytesIO(write("", TABLE, SNAPSHOT)))

    assert set(made.attachments) == {"massnahmen.csv", "bericht.json"}
    assert made.attachments["massnahmen.csv"].get_file().read_bytes() == TABLE.content
    assert made.attachments["bericht.json"].get_file().read_bytes() == SNAPSHOT.content
    found = {str(file.UF): (str(file.AFRelationship), str(file.Desc)) for file in made.Root.AF}
    assert found == {
        "massnahmen.csv": ("/Data", "Tabelle der Maßnahmen"),
        "bericht.json": ("/Source", "Inhalt als JSON"),
    }


def test_the_same_input_with_attachments_gives_the_same_bytes() -> None:
    assert write("", TABLE) == write("", TABLE)
    assert write("", TABLE) != write("", SNAPSHOT)


def test_a_file_with_unexpected_metadata_is_refused() -> None:
    with pytest.raises(ValueError, match="one RDF block"):
        HTML(string=PAGE.format("")).write_pdf(
            pdf_variant="pdf/a-3a",
            xmp_metadata=["data:text/xml,%3Crdf:RDF%3E%3C/rdf:RDF%3E"],
            finisher=pdf_archive.declare_readable,
        )


def test_verapdf_passes_both_standards_and_fails_what_has_no_tags(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(write("<table><thead><tr><th>A<tbody><tr><td>1</table>", TABLE, SNAPSHOT))
    (tmp_path / "control.pdf").write_bytes(HTML(string=PAGE.format("")).write_pdf())
    (tmp_path / "only-kept.pdf").write_bytes(HTML(string=PAGE.format("")).write_pdf(pdf_variant="pdf/a-3a"))

    verdicts = verapdf.validate(*sorted(tmp_path.iterdir()))

    assert verdicts["letter.pdf", "ua1"].broken == []
    assert verdicts["letter.pdf", "3a"].broken == []
    assert all(verdict.passed == (verdict.broken == []) and verdict.checks > 30 for verdict in verdicts.values())
    assert not verdicts["control.pdf", "ua1"].passed
    assert not verdicts["control.pdf", "3a"].passed
    # What declaring both standards is for: without it the same file keeps one of them.
    assert verdicts["only-kept.pdf", "3a"].passed
    assert not verdicts["only-kept.pdf", "ua1"].passed
    assert any("StructTreeRoot" in rule for rule in verdicts["control.pdf", "ua1"].broken)
    assert pdf.check((tmp_path / "letter.pdf").read_bytes()).lang == "de"
