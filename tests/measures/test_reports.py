"""The council report: what it says and leaves out, how it is made and published, and its pages."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_fsm import ConcurrentTransition

from dialog.models import Document, JobRun, Organization, Step, User
from dialog.services import jobs, recommendations, steps
from measures import tasks
from measures.models import CouncilReport, ResolutionPoint
from measures.models.measures import QUIET_AFTER
from measures.services import editions, progress, report_content, reports, resolutions
from tests import council
from tests.factories import (
    AddresseeFactory,
    BodyFactory,
    ConferenceFactory,
    CooperationAgreementFactory,
    CouncilReportFactory,
    DeclarationFactory,
    FieldOfActionFactory,
    GoalFactory,
    GroupStatementFactory,
    GuidelineFactory,
    MeasureFactory,
    MeasureMilestoneFactory,
    MeetingFactory,
    MilestoneFactory,
    OrganizationFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    SignatureFactory,
    berlin,
)

pytestmark = pytest.mark.django_db

AT = berlin(2010, 11, 20)
CUTOFF = dt.date(2010, 10, 31)


def collect(year: int = 2010, at: dt.datetime = AT) -> dict[str, Any]:
    return reports.collect(reports.draft(year, at=at))


def measures(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["number"]: row for row in report_content.all_measures(content["fields"])}


def the_measure(**context: Any) -> dict[str, Any]:
    (found,) = measures(collect(**context)).values()
    return found


def counts(content: dict[str, Any]) -> dict[str, int]:
    return {row["standing"]: row["number"] for row in content["summary"]["counts"] if row["number"]}


# ── the year ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_report_covers_the_days_from_cut_off_to_cut_off() -> None:
    report = reports.open_report(2009, by=None, at=AT)

    assert (report.period_start, report.cutoff) == (dt.date(2008, 11, 1), dt.date(2009, 10, 31))
    assert not reports.is_provisional(report)


@pytest.mark.parametrize(
    ("cutoff", "start", "end"),
    [
        ("12-31", dt.date(2010, 1, 1), dt.date(2010, 12, 31)),
        ("02-29", dt.date(2009, 3, 1), dt.date(2010, 2, 28)),
        ("01-01", dt.date(2009, 1, 2), dt.date(2010, 1, 1)),
    ],
)
def test_the_cut_off_is_a_setting(cutoff: str, start: dt.date, end: dt.date, settings: Any) -> None:
    settings.REPORT_CUTOFF = cutoff

    report = reports.draft(2010, at=berlin(2015, 1, 1))

    assert (report.period_start, report.cutoff) == (start, end)


def test_opening_twice_gives_one_report_with_one_trace(planner: User) -> None:
    first = reports.open_report(2009, by=planner, at=AT)
    second = reports.open_report(2009, by=planner, at=AT)

    assert first == second
    assert [(step.name, step.by) for step in Step.objects.of(first)] == [("open", planner)]


def test_a_running_year_stops_today_and_says_so() -> None:
    MeasureFactory()
    report = reports.open_report(2010, by=None, at=berlin(2010, 5, 4))
    assert report.cutoff == dt.date(2010, 5, 4)
    assert reports.collect(report)["provisional"]

    later = reports.open_report(2010, by=None, at=AT)
    assert later.cutoff == CUTOFF
    assert not reports.collect(later)["provisional"]


def test_a_year_in_the_future_is_an_error() -> None:
    with pytest.raises(ValidationError, match="2011 liegt in der Zukunft"):
        reports.open_report(2011, by=None, at=AT)
    assert not CouncilReport.objects.exists()


@pytest.mark.parametrize("year", [-5, 0, 12, 1899])
def test_a_year_before_any_process_is_an_error(year: int) -> None:
    with pytest.raises(ValidationError, match="ab 1900"):
        reports.draft(year, at=AT)


def test_only_the_planning_group_opens_a_report(citizen: User) -> None:
    with pytest.raises(PermissionDenied):
        reports.open_report(2009, by=citizen, at=AT)
    assert not CouncilReport.objects.exists()


def test_a_year_without_data_is_honest_about_it() -> None:
    MeasureFactory()
    GuidelineFactory()

    content = collect(1999)

    assert content["is_empty"]
    assert content["fields"] == content["resolutions"] == content["events"] == []


# ── what the reader may know ────────────────────────────────────────────────────────────────────────────


def test_what_is_not_public_is_not_in_the_report() -> None:
    group = BodyFactory(name="Wohnen")
    point = ResolutionPointFactory()
    shown = RecommendationFactory(title="Öffentliche Empfehlung", body=group)
    hidden = RecommendationFactory(title="Geheimer Entwurf", wording="Geheimer Wortlaut", drafted=True)
    MeasureFactory(title="Geheimer Vorschlag", proposed=True, decided_in=[point], recommended_by=[shown])
    MeasureFactory(title="Öffentliche Maßnahme", recommended_by=[shown, hidden], decided_in=[point])
    MeetingFactory(body=group, title="Öffentliche Sitzung", held=True, starts_at=berlin(2010, 3, 1))
    MeetingFactory(body=group, title="Geheime Sitzung", held=True, non_public=True, starts_at=berlin(2010, 3, 2))
    secret = BodyFactory(name="Geheimes Gremium", steering_group=True)
    MeetingFactory(body=secret, held=True, non_public=True, starts_at=berlin(2010, 3, 3))

    content = collect()

    text = json.dumps(content, ensure_ascii=False)
    assert "Geheim" not in text
    assert "Öffentliche Maßnahme" in text
    assert "Öffentliche Empfehlung" in text
    (meetings,) = content["meetings"]
    assert meetings["body"] == "Arbeitsgruppe Wohnen"
    assert meetings["held_on"] == ["2010-03-01"]


def test_planned_and_cancelled_meetings_do_not_count() -> None:
    MeetingFactory(starts_at=berlin(2010, 3, 1))
    MeetingFactory(starts_at=berlin(2010, 3, 2), cancelled=True)

    assert collect()["meetings"] == []


def test_the_content_is_plain_json_and_comes_back_as_it_was() -> None:
    everything(2)

    content = collect()

    assert json.loads(json.dumps(content)) == content
    report = reports.open_report(2010, by=None, at=AT)
    report.content = content
    report.save()
    assert CouncilReport.objects.get().content == content


def test_dates_come_back_for_the_templates() -> None:
    MeetingFactory(held=True, starts_at=berlin(2010, 3, 1))

    shown = report_content.with_dates(collect())

    assert shown["cutoff_on"] == CUTOFF
    assert shown["meetings"][0]["held_on"] == [dt.date(2010, 3, 1)]


# ── as of the cut-off ───────────────────────────────────────────────────────────────────────────────────


def test_the_last_news_before_the_cut_off_count() -> None:
    measure = MeasureFactory(state="decided", progress=0, last_news_on=dt.date(2009, 1, 1))
    for on, status, percent in [
        (dt.date(2009, 10, 1), "in_progress", 10),
        (dt.date(2010, 2, 1), "in_progress", 40),
        (dt.date(2010, 10, 31), "in_progress", 70),
        (dt.date(2010, 11, 1), "done", 100),
    ]:
        progress.publish(
            measure,
            by=None,
            on=on,
            at=berlin(on.year, on.month, on.day),
            text=f"Stand {percent}",
            status=status,
            progress=percent,
            outlook=f"nach {percent}",
        )

    found = the_measure()

    assert (found["standing"], found["progress"], found["progress_before"]) == ("in_progress", 70, 10)
    assert [row["text"] for row in found["updates"]] == ["Stand 40", "Stand 70"]
    assert found["outlook"] == "nach 70"
    assert not found["is_newly_done"]


def test_without_news_before_the_cut_off_a_measure_is_decided() -> None:
    measure = MeasureFactory(starts_on=dt.date(2010, 1, 1), last_news_on=dt.date(2011, 3, 1), progress=80)
    ProgressUpdateFactory(measure=measure, date=dt.date(2011, 3, 1), progress=80)

    found = the_measure()

    assert (found["standing"], found["progress"], found["updates"]) == ("decided", 0, [])


def test_a_measure_without_any_history_is_as_it_was_entered() -> None:
    MeasureFactory(done=True, starts_on=dt.date(2009, 1, 1), last_news_on=dt.date(2009, 2, 1))

    assert the_measure()["standing"] == "done"


def test_what_began_after_the_cut_off_is_left_out() -> None:
    later = dt.date(2010, 11, 1)
    MeasureFactory(starts_on=later, last_news_on=later)
    RecommendationFactory(date=later)
    ResolutionFactory(adopted_on=later)
    CooperationAgreementFactory(concluded_on=later)
    DeclarationFactory(adopted_on=later)
    ConferenceFactory(date=later)
    MilestoneFactory(date=later)
    MeetingFactory(held=True, starts_at=berlin(2010, 11, 1))

    assert collect()["is_empty"]


def test_a_measure_counts_from_the_day_it_was_decided_and_not_from_an_old_resolution() -> None:
    point = ResolutionPointFactory()
    measure = MeasureFactory(proposed=True, starts_on=None, decided_in=[point], last_news_on=dt.date(2010, 12, 1))
    steps.take(measure, "decide", by=None, at=berlin(2010, 12, 1))

    assert not measures(collect(2010))
    assert measures(collect(2011, at=berlin(2011, 11, 20)))[measure.number]["is_new"]


def test_a_measure_stopped_after_the_cut_off_still_runs() -> None:
    measure = MeasureFactory(last_news_on=dt.date(2010, 2, 1))
    ProgressUpdateFactory(measure=measure, date=dt.date(2010, 2, 1))
    steps.take(measure, "stop", by=None, at=berlin(2010, 11, 5), reason="Das Geld fehlt.")

    found = the_measure()
    assert (found["standing"], found["stop_reason"]) == ("in_progress", "")

    found = the_measure(year=2011, at=berlin(2011, 11, 20))
    assert (found["standing"], found["stop_reason"]) == ("stopped", "Das Geld fehlt.")
    assert found["is_newly_stopped"]
    assert found["state_since_on"] == "2010-11-05"


def test_a_recommendation_taken_up_after_the_cut_off_was_still_waiting() -> None:
    recommendation = RecommendationFactory(outcome="Wird gemacht.")
    steps.take(recommendation, "take_up", by=None, at=berlin(2010, 12, 1))

    (found,) = collect()["recommendations"]
    assert (found["state"], found["outcome"], found["is_unanswered"]) == ("presented", "", True)

    (found,) = collect(2011, at=berlin(2011, 11, 20))["recommendations"]
    assert (found["state"], found["outcome"], found["is_unanswered"]) == ("taken_up", "Wird gemacht.", False)


def test_a_point_done_after_the_cut_off_was_not_done_yet() -> None:
    point = ResolutionPointFactory(note="Alles erledigt.")
    steps.take(point, "complete", by=None, at=berlin(2010, 12, 1), on=dt.date(2010, 12, 1))

    (found,) = collect()["resolutions"][0]["points"]

    assert (found["state"], found["state_label"], found["note"], found["done_on"]) == ("open", "offen", "", None)


def test_what_is_mended_in_a_done_point_after_the_cut_off_leaves_it_done(planner: User) -> None:
    point = resolutions.save_point(a_point(), by=planner, at=berlin(2009, 1, 1))
    resolutions.update_point(point, by=planner, at=berlin(2010, 3, 1), state="done", note="Drei Wege sind hell.")
    resolutions.save_point(point, by=planner, at=berlin(2010, 11, 19), title="Wege beleuchten, besser gesagt")

    (found,) = collect()["resolutions"][0]["points"]
    assert (found["state"], found["done_on"], found["note"]) == ("done", "2010-03-01", "Drei Wege sind hell.")
    assert found["title"] == "Wege beleuchten"
    assert not found["is_settled"]

    (found,) = collect(2011, at=berlin(2011, 11, 20))["resolutions"][0]["points"]
    assert found["is_settled"]
    assert found["title"] == "Wege beleuchten, besser gesagt"


def test_a_deadline_moved_after_the_cut_off_was_missed(planner: User) -> None:
    office, other = OrganizationFactory(name="Bauamt"), OrganizationFactory(name="Grünamt")
    point = a_point(due_on=dt.date(2010, 6, 1), responsible=office)
    resolutions.save_point(point, by=planner, at=berlin(2009, 1, 1))
    why = "Die Stelle war nicht besetzt."
    resolutions.update_point(point, by=planner, at=berlin(2010, 7, 1), state="open", late_reason=why)
    resolutions.save_point(point, by=planner, at=berlin(2010, 11, 5), due_on=dt.date(2011, 6, 1), responsible=other)
    resolutions.update_point(point, by=planner, at=berlin(2010, 11, 6), state="under_way", note="Es geht los.")

    (found,) = collect()["resolutions"][0]["points"]

    assert (found["is_overdue"], found["due_on"], found["late_reason"]) == (True, "2010-06-01", why)
    assert (found["state"], found["note"], found["responsible"]) == ("open", "", "Bauamt")


def test_an_answer_whose_words_are_mended_after_the_cut_off_stays_an_answer(planner: User) -> None:
    row = RecommendationFactory.build(
        body=BodyFactory(), field=FieldOfActionFactory(), title="Mehr Licht", outcome="Wird gemahct."
    )
    recommendations.save(row, by=planner, at=berlin(2010, 2, 1))
    recommendations.save(row, by=planner, at=berlin(2010, 11, 19), title="Mehr Licht!", outcome="Wird gemacht.")

    (found,) = collect()["recommendations"]

    assert (found["title"], found["outcome"], found["is_unanswered"]) == ("Mehr Licht", "Wird gemahct.", False)


def test_a_measure_has_the_title_and_the_lead_of_its_cut_off() -> None:
    measure = MeasureFactory.build(title="Wege", field=FieldOfActionFactory(), lead=OrganizationFactory(name="Bauamt"))
    for at, title, lead in (
        (berlin(2010, 2, 1), "Wege", measure.lead),
        (berlin(2010, 11, 5), "Straßen", OrganizationFactory(name="Grünamt")),
    ):
        steps.date_history(measure, at=at)
        measure.title, measure.lead = title, lead
        measure.save()

    assert (the_measure()["title"], the_measure()["lead"]) == ("Wege", "Bauamt")

    Organization.objects.get(name="Bauamt").delete()
    assert the_measure()["lead"] == "Grünamt"


def a_point(**values: Any) -> ResolutionPoint:
    """A point of a resolution, not stored yet, so that its history begins when a test says so."""
    return ResolutionPointFactory.build(resolution=ResolutionFactory(), title="Wege beleuchten", **values)


def test_the_check_asks_for_all_that_is_said_of_a_measure() -> None:
    measure = MeasureFactory(title="Wege", summary="Wege werden hell.", last_news_on=dt.date(2010, 3, 1))
    ProgressUpdateFactory(measure=measure, date=dt.date(2010, 3, 1), text="Drei sind es.")
    steps.take(measure, "stop", by=None, at=berlin(2010, 5, 5), reason="Das Geld fehlt.")

    said = list(report_content.said_of(report_content.all_measures(collect()["fields"])))

    assert said == ["Wege", "Wege werden hell.", "Drei sind es.", "Das Geld fehlt."]


# ── what it says ────────────────────────────────────────────────────────────────────────────────────────


def test_measures_are_counted_by_where_they_stand() -> None:
    fresh, old = dt.date(2010, 10, 1), dt.date(2009, 10, 1)
    MeasureFactory.create_batch(2, done=True, last_news_on=old)
    MeasureFactory.create_batch(3, last_news_on=fresh)
    MeasureFactory(decided=True, last_news_on=fresh)
    MeasureFactory(title="Stiller Plan", decided=True, last_news_on=old)
    MeasureFactory(stopped=True, last_news_on=fresh)

    content = collect()

    assert counts(content) == {"done": 2, "in_progress": 3, "decided": 1, "quiet": 1, "stopped": 1}
    assert content["summary"]["total"] == 8
    assert [row["title"] for row in content["summary"]["quiet"]] == ["Stiller Plan"]


def test_a_year_and_not_a_day_less_without_news_is_quiet() -> None:
    MeasureFactory(last_news_on=CUTOFF - QUIET_AFTER)
    MeasureFactory(last_news_on=CUTOFF - QUIET_AFTER - dt.timedelta(days=1))

    assert counts(collect()) == {"in_progress": 1, "quiet": 1}


def test_what_was_finished_in_the_year_is_named_once() -> None:
    for year in (2009, 2010):
        measure = MeasureFactory(title=f"Fertig {year}", last_news_on=dt.date(2009, 2, 1))
        on = dt.date(year, 3, 1)
        progress.publish(measure, by=None, on=on, at=berlin(year, 3, 1), text="Fertig.", status="done", progress=100)

    content = collect()

    assert [row["title"] for row in content["summary"]["finished"]] == ["Fertig 2010"]
    assert counts(content) == {"done": 2}


def test_overdue_steps_and_reviews_are_what_is_stuck() -> None:
    measure = MeasureFactory(last_news_on=dt.date(2010, 10, 1))
    MeasureMilestoneFactory(measure=measure, name="Gebaut", due_on=dt.date(2010, 9, 1))
    MeasureMilestoneFactory(measure=measure, name="Geplant", due_on=dt.date(2010, 3, 1), done_on=dt.date(2010, 4, 1))
    MeasureMilestoneFactory(measure=measure, name="Eröffnet", due_on=dt.date(2011, 3, 1))
    ResolutionPointFactory(next_review_on=dt.date(2010, 6, 1))
    ResolutionPointFactory(next_review_on=dt.date(2011, 6, 1), title="Später")

    content = collect()

    assert [row["next_step"]["name"] for row in content["summary"]["late"]] == ["Gebaut"]
    assert len(content["summary"]["late_points"]) == 1
    assert [row["title"].split(": ")[-1] for row in content["outlook"]] == ["Eröffnet", "Später"]


def test_a_finished_measure_has_no_next_step() -> None:
    measure = MeasureFactory(done=True)
    MeasureMilestoneFactory(measure=measure, due_on=dt.date(2009, 9, 1))

    assert the_measure()["next_step"] is None


def test_the_first_report_compares_with_nothing() -> None:
    ResolutionFactory(adopted_on=dt.date(2008, 10, 30))
    MeasureFactory()

    content = collect(2009)

    assert content["is_first"]
    assert not any(row["is_compared"] for row in content["summary"]["counts"])
    assert not collect(2010)["is_first"]


def test_the_numbers_are_compared_with_the_report_published_last_year() -> None:
    MeasureFactory.create_batch(3, done=True, last_news_on=dt.date(2009, 2, 1))
    last = reports.open_report(2009, by=None, at=AT)
    reports.make(last, by=None, at=AT)
    MeasureFactory(done=True, starts_on=dt.date(2010, 1, 1), last_news_on=dt.date(2010, 2, 1))
    assert not collect()["has_last"]

    council.handed_over(last, at=AT)

    done = next(row for row in collect()["summary"]["counts"] if row["standing"] == "done")
    assert (done["number"], done["more"], done["fewer"]) == (4, 1, 0)


def test_groups_are_quoted_in_full_and_silence_is_named() -> None:
    report = reports.open_report(2010, by=None, at=AT)
    bodies = [BodyFactory(name=name, position=place) for place, name in enumerate(["Wohnen", "Arbeit", "Sport"])]
    BodyFactory(name="Früher", ended=True, ended_on=dt.date(2010, 1, 1))
    BodyFactory(name="Später", founded_on=dt.date(2011, 1, 1))
    GroupStatementFactory(report=report, body=bodies[0])
    GroupStatementFactory(report=report, body=bodies[1], position="dissents", text="Das sehen wir anders.")

    content = reports.collect(report)

    assert [(row["body"], row["position"], row["text"]) for row in content["statements"]] == [
        ("Arbeitsgruppe Wohnen", "agrees", ""),
        ("Arbeitsgruppe Arbeit", "dissents", "Das sehen wir anders."),
    ]
    assert content["silent_groups"] == ["Arbeitsgruppe Sport"]


def test_the_year_tells_of_conferences_and_workshops_once() -> None:
    declaration = DeclarationFactory(title="Erklärung zur Bildung", adopted_on=dt.date(2009, 12, 18))
    ConferenceFactory(date=dt.date(2009, 12, 18), title="Bildungskonferenz", declarations=[declaration])
    MilestoneFactory(kind="conference", name="Bildungskonferenz", date=dt.date(2009, 12, 18))
    MilestoneFactory(kind="workshop", name="Workshop", date=dt.date(2009, 11, 1), date_precision="month")

    content = collect()

    assert [(row["title"], row["held_on"], row["declarations"]) for row in content["events"]] == [
        ("Workshop", "2009-11-01", []),
        ("Bildungskonferenz", "2009-12-18", ["Erklärung zur Bildung"]),
    ]
    assert content["declarations"][0]["is_new"]


def test_agreements_are_listed_while_they_are_in_force() -> None:
    CooperationAgreementFactory(title="alt", concluded_on=dt.date(2008, 1, 1))
    CooperationAgreementFactory(title="neu", concluded_on=dt.date(2010, 1, 1))
    CooperationAgreementFactory(title="endet", concluded_on=dt.date(2008, 2, 1), ended_on=dt.date(2010, 2, 1))
    CooperationAgreementFactory(title="vorbei", concluded_on=dt.date(2007, 2, 1), ended_on=dt.date(2009, 2, 1))

    found = collect()

    assert [(row["title"], row["is_new"], row["ended_on"]) for row in found["agreements"]] == [
        ("alt", False, None),
        ("endet", False, "2010-02-01"),
        ("neu", True, None),
    ]
    assert found["summary"]["agreements_added"] == 1


def test_examples_are_marked_wherever_they_stand() -> None:
    measure = MeasureFactory(last_news_on=dt.date(2010, 2, 1))
    assert not collect()["has_examples"]

    ProgressUpdateFactory(measure=measure, date=dt.date(2010, 2, 1), is_example=True)
    assert collect()["has_examples"]


def everything(number: int) -> None:
    """`number` rows of each kind that a report tells of."""
    group, party = BodyFactory(), OrganizationFactory()
    resolution = ResolutionFactory()
    for _ in range(number):
        field = FieldOfActionFactory()
        GuidelineFactory(field=field)
        GoalFactory(field=field)
        point = ResolutionPointFactory(resolution=resolution, responsible=party)
        recommendation = RecommendationFactory(body=group, field=field)
        AddresseeFactory(recommendation=recommendation, organization=party)
        measure = MeasureFactory(
            field=field, decided_in=[point], recommended_by=[recommendation], partners=[OrganizationFactory()]
        )
        on = measure.last_news_on + dt.timedelta(days=300)
        progress.publish(
            measure, by=None, on=on, at=AT, text="Es geht voran.", status="in_progress", progress=60, outlook="Weiter."
        )
        MeasureMilestoneFactory(measure=measure, due_on=dt.date(2011, 3, 1))
        MeetingFactory(body=BodyFactory(), held=True, starts_at=berlin(2010, 3, 1))
        SignatureFactory(organization=party)
        CooperationAgreementFactory(parties=[party])
        MilestoneFactory(kind="workshop", date=dt.date(2010, 3, 1))
    if not CouncilReport.objects.exists():
        ConferenceFactory(date=dt.date(2010, 1, 27))


def test_the_number_of_queries_does_not_grow_with_the_measures() -> None:
    everything(3)
    reports.collect(reports.open_report(2010, by=None, at=AT))  # fills Django's cache of content types
    with CaptureQueriesContext(connection) as few:
        three = collect()
    everything(27)
    with CaptureQueriesContext(connection) as many:
        thirty = collect()

    assert (three["summary"]["total"], thirty["summary"]["total"]) == (3, 30)
    assert len(many) == len(few) < 40


# ── made and published ──────────────────────────────────────────────────────────────────────────────────


def test_making_stores_content_and_pdf_for_the_planning_group_alone(
    planner: User, anonymous: Any, settings: Any
) -> None:
    MeasureFactory(title="Soziale Stadt Gahmen")
    report = reports.open_report(2009, by=planner, at=AT)

    document = reports.make(report, by=planner, at=AT)

    stored = CouncilReport.objects.get()
    assert stored.document == document
    assert stored.generated_at == AT
    assert stored.content["year"] == 2009
    assert Path(document.file.path).read_bytes().startswith(b"%PDF-1.7")
    assert document.filename == "bericht-2009.pdf"
    assert document not in Document.objects.visible_to(anonymous)
    assert document in Document.objects.visible_to(planner)


def test_making_again_replaces_the_draft_and_its_file(settings: Any) -> None:
    report = reports.open_report(2009, by=None, at=AT)
    old = reports.make(report, by=None, at=AT)
    MeasureFactory()

    new = reports.make(report, by=None, at=AT + dt.timedelta(hours=1))

    assert Document.objects.get() == new != old
    assert CouncilReport.objects.get().content["summary"]["total"] == 1


@pytest.mark.django_db(transaction=True)
def test_the_old_file_goes_only_when_the_new_one_is_kept() -> None:
    report = reports.open_report(2009, by=None, at=AT)
    old = Path(reports.make(report, by=None, at=AT).file.path)
    assert old.exists()

    new = Path(reports.make(report, by=None, at=AT + dt.timedelta(hours=1)).file.path)

    assert new.exists()
    assert not old.exists()


def test_a_report_that_cannot_be_stored_leaves_the_old_one(settings: Any, tmp_path: Path) -> None:
    report = reports.open_report(2009, by=None, at=AT)
    old = reports.make(report, by=None, at=AT)
    content = CouncilReport.objects.get().content
    MeasureFactory()
    (tmp_path / "full").write_text("no folder")
    settings.MEDIA_ROOT = tmp_path / "full"

    with pytest.raises(OSError, match="full"):
        reports.make(CouncilReport.objects.get(), by=None, at=AT)

    stored = CouncilReport.objects.get()
    assert (stored.document, stored.content) == (old, content)
    assert Document.objects.get() == old


def test_a_draft_frozen_meanwhile_stays_and_no_file_is_left(settings: Any) -> None:
    report = council.consulted(reports.open_report(2009, by=None, at=AT), at=AT)
    editions.freeze(CouncilReport.objects.get(), by=None, at=AT)
    files = set(Path(settings.MEDIA_ROOT).rglob("*.pdf"))
    document = CouncilReport.objects.get().document

    with pytest.raises(ConcurrentTransition):
        reports.make(report, by=None, at=AT)

    assert CouncilReport.objects.get().document == document
    assert set(Path(settings.MEDIA_ROOT).rglob("*.pdf")) == files


def test_what_is_frozen_stays() -> None:
    report = council.frozen(reports.open_report(2009, by=None, at=AT), at=AT)

    with pytest.raises(ValidationError, match="bleibt, wie er ist"):
        reports.make(report, by=None, at=AT)
    with pytest.raises(ValidationError, match="bleibt, wie er ist"):
        reports.start(2009, by=None, at=AT)


# ── in the background ───────────────────────────────────────────────────────────────────────────────────


def test_the_worker_makes_the_report(planner: User) -> None:
    MeasureFactory()
    job = reports.start(2009, by=planner, at=AT)

    jobs.run(job.pk)

    job.refresh_from_db()
    report = CouncilReport.objects.get()
    assert (job.state, job.error) == (JobRun.State.DONE, "")
    assert (job.document, job.step, job.steps) == (report.document, 4, 4)
    assert job.result_url == "/arbeitsbereich/berichte/2009/"
    assert report.document.added_by == planner


def test_a_second_click_finds_the_first_job(planner: User) -> None:
    first = reports.start(2009, by=planner, at=AT)
    second = reports.start(2009, by=planner, at=AT)
    other = reports.start(2010, by=planner, at=AT)

    assert first == second != other
    assert JobRun.objects.count() == 2


def test_a_job_overtaken_by_freezing_says_why_it_ends() -> None:
    report = reports.open_report(2009, by=None, at=AT)
    job = reports.start(2009, by=None, at=AT)
    council.frozen(report, at=AT)

    jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == JobRun.State.FAILED
    assert "festgestellt und bleibt" in job.error


def test_the_schedule_starts_the_report_of_the_last_finished_year_once(settings: Any) -> None:
    settings.REPORT_SCHEDULE = "11-05"
    assert reports.start_if_due(berlin(2010, 11, 4)) is None
    job = reports.start_if_due(berlin(2010, 11, 5))
    assert job is not None
    assert job.parameters == {"year": 2010}
    assert reports.start_if_due(berlin(2010, 11, 6)) == job

    reports.make(CouncilReport.objects.get(), by=None, at=berlin(2010, 11, 6))
    JobRun.objects.all().delete()
    assert reports.start_if_due(berlin(2010, 11, 7)) is None


def test_a_missed_day_is_made_up_for_within_the_week(settings: Any) -> None:
    settings.REPORT_SCHEDULE = "12-30"

    assert reports.start_if_due(berlin(2011, 1, 6)) is None
    job = reports.start_if_due(berlin(2011, 1, 5))

    assert job is not None
    assert job.parameters == {"year": 2010}


def test_without_a_schedule_nothing_starts(settings: Any) -> None:
    settings.REPORT_SCHEDULE = ""

    tasks.yearly_report()

    assert not JobRun.objects.exists()


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def published(db: None) -> CouncilReport:
    group = BodyFactory(name="Wohnen")
    everything(1)
    MeasureFactory(title="Soziale Stadt Gahmen", number="M-2008-003", is_example=True)
    report = reports.open_report(2010, by=None, at=AT)
    GroupStatementFactory(report=report, body=group, position="dissents", text="Das sehen wir anders.")
    return council.handed_over(report, at=AT)


def test_everyone_reads_the_report_as_a_page(client: Client, published: CouncilReport) -> None:
    page = client.get("/berichte/2010/").content.decode()

    assert "Umsetzung und Ausblick 2010" in page
    assert 'id="M-2008-003"' in page
    assert "Das sehen wir anders." in page
    assert "Beispiel" in page
    assert published.document.get_absolute_url() in page
    assert 'style="' not in page


def test_the_page_reads_the_report_its_editions_and_parts_and_the_years_before_and_nothing_else(
    client: Client, published: CouncilReport
) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/berichte/2010/")

    assert len(queries) == 4


def test_the_pdf_is_there_for_everyone(client: Client, published: CouncilReport) -> None:
    answer = client.get(published.document.get_absolute_url())

    assert answer.headers["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_drafts_are_for_the_planning_group(client: Client, planner: User, client_of: Callable[..., Client]) -> None:
    report = reports.open_report(2009, by=None, at=AT)
    assert client_of(planner).get("/berichte/2009/").status_code == 404
    reports.make(report, by=None, at=AT)

    assert client.get("/berichte/2009/").status_code == 404
    assert "2009" not in client.get("/berichte/").content.decode()
    assert "Entwurf" in client_of(planner).get("/berichte/2009/").content.decode()


def test_reports_are_listed_with_the_size_of_their_pdf(client: Client, published: CouncilReport) -> None:
    page = client.get("/berichte/").content.decode()

    assert 'href="/berichte/2010/"' in page
    assert "KB)" in page


@pytest.mark.parametrize("year", ["1", "2008", "99999999999999999999"])
def test_years_without_a_report_are_not_found(client: Client, year: str) -> None:
    assert client.get(f"/berichte/{year}/").status_code == 404


def test_the_list_needs_the_same_queries_for_one_and_for_thirty(client: Client) -> None:
    def add(first: int, last: int) -> None:
        for year in range(first, last):
            CouncilReportFactory(year=year, published=True, generated_at=AT, content={"year": year})

    add(1970, 1971)
    with CaptureQueriesContext(connection) as one:
        client.get("/berichte/")
    add(1971, 2000)
    with CaptureQueriesContext(connection) as thirty:
        client.get("/berichte/")

    assert len(one) == len(thirty)


def test_the_workspace_is_closed_to_others(client: Client, citizen: User, client_of: Callable[..., Client]) -> None:
    CouncilReportFactory(year=2009)
    for path in ("", "2009/", "2009/termine/", "2009/texte/foreword/", "2009/hand_over/"):
        assert client.get(f"/arbeitsbereich/berichte/{path}").status_code == 302
        assert client_of(citizen).get(f"/arbeitsbereich/berichte/{path}").status_code == 403
        assert client_of(citizen).post(f"/arbeitsbereich/berichte/{path}", {"year": 2009}).status_code == 403
    assert not JobRun.objects.exists()


def test_the_planning_group_starts_a_report(planner: User, client_of: Callable[..., Client]) -> None:
    answer = client_of(planner).post("/arbeitsbereich/berichte/", {"year": 2009})

    assert answer.headers["Location"] == JobRun.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("year", "message"),
    [
        ("2999", "liegt in der Zukunft"),
        ("12", "ab 1900"),
        ("0", "kern-error"),
        ("", "kern-error"),
        ("zweitausend", "kern-error"),
        ("9" * 5000, "kern-error"),
    ],
)
def test_a_wrong_year_gets_a_clear_answer(
    planner: User, client_of: Callable[..., Client], year: str, message: str
) -> None:
    answer = client_of(planner).post("/arbeitsbereich/berichte/", {"year": year})

    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not JobRun.objects.exists()


def test_the_workspace_shows_the_report_that_is_due(planner: User, client_of: Callable[..., Client]) -> None:
    page = client_of(planner).get("/arbeitsbereich/").content.decode()

    assert "der Bericht ist noch nicht erstellt" in page
    assert '<a class="btn btn-2 btn-small" href="/arbeitsbereich/berichte/">Erstellen' in page
