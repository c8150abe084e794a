"""Parts of the report as documents of their own: what stands in each, where it came from, and who reads it."""

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import FileSystemStorage

from dialog.models import Document, JobRun
from dialog.services import jobs, pdf
from measures.models import CouncilReport, Measure, ReportEdition, ReportPart
from measures.services import editions, report_cycle, report_parts, reports, statements
from tests import council
from tests.factories import (
    BodyFactory,
    FieldOfActionFactory,
    MeasureFactory,
    MeetingFactory,
    RecommendationFactory,
    berlin,
)
from tests.paper import Text

pytestmark = pytest.mark.django_db

AT = berlin(2010, 11, 20)


def file_of(part: ReportPart) -> bytes:
    return Path(part.document.file.path).read_bytes()


def text_of(content: bytes) -> Text:
    with pikepdf.open(io.BytesIO(content)) as paper:
        return Text(" ".join(pdf.page_texts(paper)))


@pytest.fixture
def edition() -> ReportEdition:
    """A frozen report on two fields with a measure each; one group works on the first, and recommended the second's."""
    housing, work = FieldOfActionFactory(name="Wohnen"), FieldOfActionFactory(name="Arbeit")
    group = BodyFactory(name="Quartier", slug="quartier")
    group.fields.add(housing)
    BodyFactory(name="Sport", slug="sport")
    asked = RecommendationFactory(title="Mehr Ausbildung", body=group, field=work)
    MeasureFactory(title="Grünzug Gahmen", field=housing)
    MeasureFactory(title="Ausbildungsmesse", field=work, recommended_by=[asked])
    MeasureFactory(title="Gründerzentrum", field=work)
    MeetingFactory(body=group, held=True, starts_at=berlin(2010, 4, 5))
    report = council.consulted(reports.open_report(2010, by=None, at=AT), at=berlin(2010, 11, 19))
    statements.give(
        report,
        group,
        position="dissents",
        text="Das sehen wir anders.",
        tasks="Wir gehen mit Licht über jeden Schulweg.",
        decided_on=berlin(2010, 11, 19).date(),
        by=None,
        at=berlin(2010, 11, 19, 20),
    )
    return editions.freeze(report, by=None, at=AT)


def run_the_job() -> JobRun:
    job = JobRun.objects.get(kind="council_report_parts")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    return job


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def texts() -> dict[str, Text]:
    return {part.slug: text_of(file_of(part)) for part in ReportPart.objects.select_related("document")}


def test_freezing_has_a_short_version_and_one_for_each_field_and_group_made(edition: ReportEdition) -> None:
    job = run_the_job()

    parts = list(edition.parts.all())
    assert [(part.kind, part.title) for part in parts] == [
        ("short", "Kurzfassung"),
        *(("field", row["name"]) for row in edition.snapshot["fields"]),
        *(("group", row["name"]) for row in edition.snapshot["groups"]),
    ]
    assert {"Arbeitsgruppe Quartier", "Arbeitsgruppe Sport"} == {part.title for part in parts if part.kind == "group"}
    assert job.steps == len(parts) + 1
    assert job.result_url == edition.get_absolute_url()


def test_each_part_says_what_concerns_it_and_no_more(edition: ReportEdition) -> None:
    run_the_job()
    said = texts()

    short, work = said["kurzfassung"], said[f"feld-{FieldOfActionFactory._meta.model.objects.get(name='Arbeit').slug}"]
    group, sport = said["gruppe-quartier"], said["gruppe-sport"]
    assert "Der Rat wird gebeten" in short
    assert "Eine Gruppe widerspricht." in short
    assert all(title in work for title in ("Ausbildungsmesse", "Gründerzentrum", "Mehr Ausbildung"))
    assert "Grünzug Gahmen" not in work
    for fact in ("Das sehen wir anders.", "Wir gehen mit Licht über jeden Schulweg.", "5. April 2010"):
        assert fact in group
        assert fact not in sport
    assert all(title in group for title in ("Grünzug Gahmen", "Ausbildungsmesse", "Mehr Ausbildung"))
    assert "Gründerzentrum" not in group
    assert "Die Arbeitsgruppe hat keine Stellungnahme abgegeben. Schweigen wird nicht als Zustimmung gezählt." in sport
    for part in said.values():
        assert edition.sha256 in part
        assert "Ausgabe 1, festgestellt am 20. November 2010" in part


def test_a_part_comes_from_the_snapshot_alone(edition: ReportEdition) -> None:
    run_the_job()
    Measure.objects.all().delete()

    kept = {part.slug: file_of(part) for part in ReportPart.objects.all()}
    again = ReportEdition.objects.select_related("report").get()
    for part in report_parts.parts_of(again.snapshot):
        assert report_parts.render(again, part) == kept[part.slug]


def test_parts_are_read_by_those_who_read_the_edition(edition: ReportEdition, client: Any, planner: Any) -> None:
    run_the_job()
    address = "/berichte/2010/ausgaben/1/auszuege/kurzfassung.pdf"
    assert client.get(address).status_code == 404
    client.force_login(planner, backend="django.contrib.auth.backends.ModelBackend")
    assert b"".join(client.get(address).streaming_content) == file_of(edition.parts.get(kind="short"))
    client.logout()

    report = CouncilReport.objects.get()
    report_cycle.approve(report, by=None, at=AT)
    report_cycle.hand_over(report, paper_number="1", council_on=None, by=None, at=AT)

    answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert b"".join(answer.streaming_content) == file_of(edition.parts.get(kind="short"))
    assert not Document.objects.filter(is_public=False).exists()
    for page in ("/berichte/2010/", "/berichte/2010/ausgaben/1/"):
        shown = client.get(page).content.decode()
        assert all(part.get_absolute_url() in shown for part in ReportPart.objects.select_related("edition__report"))
    assert client.get("/berichte/2010/ausgaben/1/auszuege/feld-nirgends.pdf").status_code == 404
    assert client.get("/berichte/2010/ausgaben/2/auszuege/kurzfassung.pdf").status_code == 404


def test_parts_made_after_the_publication_are_public_at_once(edition: ReportEdition, client: Any) -> None:
    report = CouncilReport.objects.get()
    report_cycle.approve(report, by=None, at=AT)
    report_cycle.hand_over(report, paper_number="1", council_on=None, by=None, at=AT)

    run_the_job()

    assert not Document.objects.filter(is_public=False).exists()
    answer = client.get("/berichte/2010/ausgaben/1/auszuege/gruppe-sport.pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_made_again_nothing_is_made_twice(edition: ReportEdition) -> None:
    run_the_job()
    number = ReportPart.objects.count()
    assert report_parts.make(edition, by=None, at=AT) == []
    assert ReportPart.objects.count() == number == Document.objects.count() - 1


def test_when_the_disk_is_full_no_part_is_kept(
    edition: ReportEdition, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """The disk takes two files and no third."""
    before = files(settings.MEDIA_ROOT)
    save, written = FileSystemStorage._save, []

    def saved(self: Any, name: str, content: Any) -> str:
        written.append(name)
        if len(written) > 2:
            raise OSError(28, "No space left on device")
        return save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", saved)
    job = JobRun.objects.get(kind="council_report_parts")
    jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == "failed"
    assert "vielleicht ist der Speicher voll" in job.error
    assert not ReportPart.objects.exists()
    assert [document.file.name for document in Document.objects.all()] == [edition.document.file.name]
    assert files(settings.MEDIA_ROOT) == before


def test_an_older_snapshot_without_groups_still_has_its_other_parts(edition: ReportEdition) -> None:
    older = {name: value for name, value in edition.snapshot.items() if name != "groups"}
    assert [part.kind for part in report_parts.parts_of(older)] == ["short", "field", "field"]


def test_an_empty_year_has_no_parts() -> None:
    content = reports.collect(reports.draft(1999, at=AT))
    assert report_parts.parts_of(content) == []
