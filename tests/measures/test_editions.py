"""Frozen means frozen: snapshots, checksums, corrected editions, the job that makes them, the rooms of old years."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from dialog.models import Document, JobRun
from dialog.services import jobs, pdf
from measures.models import CouncilReport, GroupStatement, Measure, ReportEdition, ResolutionPoint
from measures.services import editions, report_comparison, report_cycle, reports, statements
from tests import council
from tests.factories import (
    BodyFactory,
    FieldOfActionFactory,
    MeasureFactory,
    ProgressUpdateFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    berlin,
)
from tests.paper import Text

pytestmark = pytest.mark.django_db

AT = berlin(2010, 11, 20)


def opened(year: int = 2010) -> CouncilReport:
    return reports.open_report(year, by=None, at=AT)


def sealed() -> tuple[CouncilReport, ReportEdition]:
    report = council.handed_over(opened(), at=AT)
    return report, report.editions.get()


def file_of(edition: ReportEdition) -> bytes:
    return Path(edition.document.file.path).read_bytes()


def test_after_deleting_every_measure_the_report_renders_to_the_same_bytes() -> None:
    ProgressUpdateFactory(measure=MeasureFactory(title="Soziale Stadt Gahmen"))
    _report, edition = sealed()
    Measure.objects.all().delete()
    FieldOfActionFactory._meta.model.objects.filter(measures=None).update(name="Anders")

    assert editions.render(ReportEdition.objects.get()) == file_of(edition)


def test_the_checksums_are_those_of_what_is_given_out(client: Any) -> None:
    _report, edition = sealed()

    data = client.get("/berichte/2010/ausgaben/1/bericht.json")
    page = client.get("/berichte/2010/").content.decode()

    assert hashlib.sha256(data.content).hexdigest() == edition.sha256
    assert json.loads(data.content)["edition"] == {"number": 1, "frozen_on": "2010-11-20", "reason": ""}
    assert edition.document.sha256 == hashlib.sha256(file_of(edition)).hexdigest()
    assert edition.sha256 in page
    assert edition.document.sha256 in page
    assert edition.schema == edition.snapshot["schema"]


def test_the_checksum_of_the_snapshot_is_printed() -> None:
    _report, edition = sealed()
    with pikepdf.open(edition.document.file.path) as paper:
        assert edition.sha256 in Text(" ".join(pdf.page_texts(paper)))


def test_only_what_everyone_may_read_is_in_it() -> None:
    MeasureFactory(title="Noch geheim", state="proposed")
    MeasureFactory(title="Beschlossen")
    _report, edition = sealed()
    assert "Noch geheim" not in json.dumps(edition.snapshot)
    assert "Beschlossen" in json.dumps(edition.snapshot)


def test_a_correction_is_a_new_edition_and_the_old_one_stays(client: Any, planner: Any) -> None:
    measure = MeasureFactory(title="Gahmen")
    report, first = sealed()
    before = file_of(first)
    Measure.objects.filter(pk=measure.pk).update(title="Soziale Stadt Gahmen")

    second = editions.correct(report, reason="Der Titel war gekürzt.", by=planner, at=AT)

    assert (second.number, second.published_at, second.reason) == (2, AT, "Der Titel war gekürzt.")
    assert file_of(first) == before
    assert CouncilReport.objects.get().document == second.document
    now, old = (client.get(path).content.decode() for path in ("/berichte/2010/", "/berichte/2010/ausgaben/1/"))
    assert "Soziale Stadt Gahmen" in now
    assert "Der Titel war gekürzt." in now
    assert "Soziale Stadt Gahmen" not in old
    assert "frühere Ausgabe" in old
    paper = client.get(first.document.get_absolute_url())
    assert b"".join(paper.streaming_content) == before
    assert client.get("/berichte/2010/ausgaben/3/").status_code == 404


def test_a_correction_takes_in_what_was_mended_and_not_what_has_happened_since(planner: Any) -> None:
    resolution = ResolutionFactory(adopted_on=dt.date(2009, 5, 5))
    done = ResolutionPointFactory(
        resolution=resolution, title="Brücke bauhen", state="done", note="Eröffnet.", done_on=dt.date(2010, 3, 1)
    )
    going_on = ResolutionPointFactory(resolution=resolution, title="Weg bauen", state="open")
    for row in (done, going_on):
        row.history.update(history_date=berlin(2010, 3, 2))
    report, first = sealed()
    ResolutionPoint.objects.filter(pk=done.pk).update(title="Brücke bauen", note="Am 1. März eröffnet.")
    ResolutionPoint.objects.filter(pk=going_on.pk).update(
        title="Radweg bauen", state="done", note="Nach dem Stichtag.", done_on=dt.date(2011, 2, 1)
    )

    second = editions.correct(report, reason="Zwei Namen waren falsch.", by=planner, at=AT)

    def told(edition: Any) -> list[tuple[str, str, str]]:
        return [(row["title"], row["state"], row["note"]) for row in edition.snapshot["resolutions"][0]["points"]]

    assert told(first) == [("Brücke bauhen", "done", "Eröffnet."), ("Weg bauen", "open", "")]
    assert told(second) == [("Brücke bauen", "done", "Am 1. März eröffnet."), ("Radweg bauen", "open", "")]


def test_only_what_the_council_has_is_corrected_and_only_with_a_reason(planner: Any, citizen: Any) -> None:
    report = council.frozen(opened(), at=AT)
    with pytest.raises(ValidationError, match="lässt sich noch ändern"):
        editions.start_correcting(report, reason="Fehler.", by=planner, at=AT)
    report_cycle.approve(report, by=None, at=AT)
    report_cycle.hand_over(report, paper_number="1", council_on=None, by=None, at=AT)
    with pytest.raises(ValidationError, match="was berichtigt wird"):
        editions.correct(report, reason=" ", by=planner, at=AT)
    with pytest.raises(PermissionDenied):
        editions.start_correcting(report, reason="Fehler.", by=citizen, at=AT)


def test_an_edition_that_was_taken_back_is_never_public(client: Any, client_of: Any, planner: Any) -> None:
    report = council.frozen(opened(), at=AT)
    report_cycle.go_back(report, reason="Zahl falsch.", by=None, at=AT)
    editions.freeze(report, by=None, at=AT)
    report_cycle.approve(report, by=None, at=AT)
    report_cycle.hand_over(report, paper_number="1", council_on=None, by=None, at=AT)

    first = report.editions.get(number=1)
    assert client.get("/berichte/2010/ausgaben/1/").status_code == 404
    assert client.get("/berichte/2010/ausgaben/1/bericht.json").status_code == 404
    assert client.get(first.document.get_absolute_url()).status_code == 404
    assert client.get("/berichte/2010/ausgaben/2/").status_code == 200
    assert client_of(planner).get("/berichte/2010/ausgaben/1/").status_code == 200


def test_nothing_is_frozen_before_the_groups_had_their_time() -> None:
    body = BodyFactory(name="Wohnen")
    with pytest.raises(ValidationError, match="nach der Abstimmung"):
        editions.must_be_ready(opened(), at=AT)
    report = council.consulted(opened(), at=AT)
    with pytest.raises(ValidationError, match="Es fehlen: Wohnen"):
        editions.freeze(report, by=None, at=AT)
    statements.give(report, body, position="agrees", text="", decided_on=AT.date(), by=None, at=AT)
    editions.freeze(report, by=None, at=AT)
    assert CouncilReport.objects.get().state == "frozen"


def test_silence_is_printed_as_no_statement_and_a_draft_tells_no_groups_word() -> None:
    body = BodyFactory(name="Wohnen")
    BodyFactory(name="Arbeit")
    report = council.consulted(opened(), at=AT - dt.timedelta(days=1))
    statements.give(
        report,
        body,
        position="dissents",
        text="Nein.",
        decided_on=AT.date() - dt.timedelta(days=1),
        by=None,
        at=AT - dt.timedelta(days=1),
    )
    reports.make(report, by=None, at=AT)
    draft = CouncilReport.objects.get().content
    assert (draft["statements"], draft["silent_groups"]) == ([], [])

    edition = editions.freeze(report, by=None, at=AT)

    assert [row["text"] for row in edition.snapshot["statements"]] == ["Nein."]
    assert edition.snapshot["silent_groups"] == ["Arbeitsgruppe Arbeit"]


# ── the job ─────────────────────────────────────────────────────────────────────────────────────────────


def test_two_clicks_make_one_edition(planner: Any) -> None:
    report = council.consulted(opened(), at=AT)
    first = editions.start_freezing(report, by=planner, at=AT)
    assert editions.start_freezing(report, by=None, at=AT) == first

    jobs.run(first.pk)
    jobs.run(first.pk)

    first.refresh_from_db()
    assert (first.state, first.error) == ("done", "")
    assert first.document == ReportEdition.objects.get().document


def test_a_draft_and_an_edition_are_not_made_at_once(planner: Any) -> None:
    report = council.consulted(opened(), at=AT)
    reports.start(2010, by=planner, at=AT)
    with pytest.raises(ValidationError, match="wird gerade gearbeitet"):
        editions.start_freezing(report, by=planner, at=AT)
    assert JobRun.objects.count() == 1


def test_a_step_back_while_it_works_ends_the_job_in_words(planner: Any) -> None:
    report = council.consulted(opened(), at=AT)
    job = editions.start_freezing(report, by=planner, at=AT)
    report_cycle.go_back(report, reason="Doch nicht.", by=None, at=AT)

    jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == "failed"
    assert "nach der Abstimmung" in job.error
    assert not ReportEdition.objects.exists()


def test_a_word_changed_while_it_works_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    body = BodyFactory(name="Wohnen")
    report = council.consulted(opened(), at=AT)
    statements.give(report, body, position="agrees", text="", decided_on=AT.date(), by=None, at=AT)
    setting = reports.render_pdf

    def meanwhile(*args: Any, **kwargs: Any) -> bytes:
        GroupStatement.objects.update(position="dissents", text="Doch nicht.")
        return setting(*args, **kwargs)

    monkeypatch.setattr(reports, "render_pdf", meanwhile)
    with pytest.raises(ValidationError, match="geändert"):
        editions.freeze(report, by=None, at=AT)

    assert not ReportEdition.objects.exists()
    assert CouncilReport.objects.get().state == "consultation"


def test_a_full_disk_leaves_nothing_half_stored_and_says_why(settings: Any, tmp_path: Path, planner: Any) -> None:
    report = council.consulted(opened(), at=AT)
    job = editions.start_freezing(report, by=planner, at=AT)
    draft = CouncilReport.objects.get().document
    (tmp_path / "full").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "full"

    jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == "failed"
    assert "Speicher voll" in job.error
    assert not ReportEdition.objects.exists()
    assert Document.objects.get() == CouncilReport.objects.get().document == draft


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads one moment anyway")
@pytest.mark.django_db(transaction=True)
def test_what_is_collected_is_of_one_moment() -> None:
    with reports.one_moment(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)


# ── comparison ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_comparison_tells_what_changed() -> None:
    def content(**standings: tuple[str, int]) -> dict[str, Any]:
        rows = [{"number": name, "standing": state, "progress": done} for name, (state, done) in standings.items()]
        counts = [{"standing": "done", "label": "fertig", "number": len(rows)}]
        return {"fields": [{"projects": [], "measures": rows}], "summary": {"counts": counts}}

    found = report_comparison.compare(
        content(a=("decided", 0), b=("in_progress", 20), c=("done", 100), gone=("stopped", 0)),
        content(a=("in_progress", 10), b=("in_progress", 60), c=("done", 100), new=("decided", 0)),
    )

    assert [pair.after["number"] for pair in found.moved] == ["a"]
    assert [(pair.before["progress"], pair.after["progress"]) for pair in found.advanced] == [(20, 60)]
    assert [row["number"] for row in found.added] == ["new"]
    assert [row["number"] for row in found.gone] == ["gone"]
    assert found.unchanged == 1
    assert [(figure.before, figure.after) for figure in found.figures] == [(4, 4)]


def test_two_years_are_compared_when_their_measures_are_long_gone(client: Any) -> None:
    measure = MeasureFactory(title="Gahmen")
    council.handed_over(opened(2009), at=AT)
    MeasureFactory(title="Netzwerk", last_news_on=berlin(2010, 3, 1).date())
    council.handed_over(opened(2010), at=AT)
    Measure.objects.all().delete()

    page = client.get("/berichte/2010/vergleich/2009/").content.decode()

    assert "Netzwerk" in page
    assert f'href="/berichte/2010/#{measure.number}"' in page or "Gahmen" not in page
    assert "/berichte/2010/vergleich/2009/" in client.get("/berichte/2010/").content.decode()
    assert client.get("/berichte/2009/vergleich/2010/").headers["Location"] == "/berichte/2010/vergleich/2009/"
    assert client.get("/berichte/2010/vergleich/2010/").headers["Location"] == "/berichte/2010/"
    assert client.get("/berichte/2010/vergleich/1999/").status_code == 404


def test_drafts_are_not_compared(client_of: Any, planner: Any) -> None:
    council.handed_over(opened(2009), at=AT)
    council.consulted(opened(2010), at=AT)
    assert client_of(planner).get("/berichte/2010/vergleich/2009/").status_code == 404
