"""The report on the city's record, as veraPDF sees it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from weasyprint import HTML

from dialog.services import pdf
from dialog.services.pdf_sources import StaticFiles
from luener_dialog.demo import record
from measures.models import ReportEdition
from measures.services import report_parts, reports
from tests import verapdf
from tests.factories import berlin

pytestmark = pytest.mark.django_db

AT = berlin(2009, 11, 20)


def parts_of_each_kind(content: dict[str, Any], folder: Path) -> Iterator[Path]:
    """The short version, a field of action and a working group, as files of their own."""
    frozen = {**content, "edition": {"number": 1, "frozen_on": "2009-11-20", "reason": ""}}
    edition = ReportEdition(report=reports.draft(2009, at=AT), number=1, snapshot=frozen, frozen_at=AT)
    for part in {part.kind: part for part in report_parts.parts_of(frozen)}.values():
        file = folder / f"{part.kind}.pdf"
        file.write_bytes(report_parts.render(edition, part))
        yield file


def test_it_keeps_both_standards_with_its_files_inside_and_an_untagged_one_keeps_none(tmp_path: Path) -> None:
    record.load(record.FOLDER)
    content = reports.collect(reports.draft(2009, at=AT))
    (tmp_path / "report.pdf").write_bytes(reports.render_pdf(content, at=AT))
    source = pdf.html("pdf/report.html", reports.context(content, paper=True), title=content["title"], at=AT)
    untagged = HTML(string=source, base_url="http://127.0.0.1:8000", url_fetcher=StaticFiles()).write_pdf()
    (tmp_path / "control.pdf").write_bytes(untagged)

    parts = list(parts_of_each_kind(content, tmp_path))

    verdicts = verapdf.validate(tmp_path / "report.pdf", tmp_path / "control.pdf", *parts)

    assert verdicts["report.pdf", "ua1"].broken == []
    assert verdicts["report.pdf", "3a"].broken == []
    assert verdicts["report.pdf", "ua1"].checks > 10_000
    assert not verdicts["control.pdf", "ua1"].passed
    assert not verdicts["control.pdf", "3a"].passed
    assert [verdicts[part.name, profile].broken for part in parts for profile in ("ua1", "3a")] == [[]] * 2 * 3

    with pikepdf.open(io.BytesIO((tmp_path / "report.pdf").read_bytes())) as made:
        inside = made.attachments["bericht-2009.json"].get_file().read_bytes()
        table = made.attachments["massnahmen-2009.csv"].get_file().read_bytes().decode("utf-8-sig")
    assert json.loads(inside) == content
    assert len(table.splitlines()) == 1 + content["summary"]["total"]
