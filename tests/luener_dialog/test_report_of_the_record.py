"""The report on the city's record, as veraPDF sees it."""

import io
import json
from pathlib import Path

import pikepdf
import pytest
from weasyprint import HTML

from dialog.services import pdf
from dialog.services.pdf_sources import StaticFiles
from luener_dialog.demo import record
from measures.services import reports
from tests import verapdf
from tests.factories import berlin

pytestmark = pytest.mark.django_db

AT = berlin(2009, 11, 20)


def test_it_keeps_both_standards_with_its_files_inside_and_an_untagged_one_keeps_none(tmp_path: Path) -> None:
    record.load(record.FOLDER)
    content = reports.collect(reports.draft(2009, at=AT))
    (tmp_path / "report.pdf").write_bytes(reports.render_pdf(content, at=AT))
    source = pdf.html("pdf/report.html", reports.context(content, paper=True), title=content["title"], at=AT)
    untagged = HTML(string=source, base_url="http://127.0.0.1:8000", url_fetcher=StaticFiles()).write_pdf()
    (tmp_path / "control.pdf").write_bytes(untagged)

    verdicts = verapdf.validate(tmp_path / "report.pdf", tmp_path / "control.pdf")

    assert verdicts["report.pdf", "ua1"].broken == []
    assert verdicts["report.pdf", "3a"].broken == []
    assert verdicts["report.pdf", "ua1"].checks > 10_000
    assert not verdicts["control.pdf", "ua1"].passed
    assert not verdicts["control.pdf", "3a"].passed

    with pikepdf.open(io.BytesIO((tmp_path / "report.pdf").read_bytes())) as made:
        inside = made.attachments["bericht-2009.json"].get_file().read_bytes()
        table = made.attachments["massnahmen-2009.csv"].get_file().read_bytes().decode("utf-8-sig")
    assert json.loads(inside) == content
    assert len(table.splitlines()) == 1 + content["summary"]["total"]
