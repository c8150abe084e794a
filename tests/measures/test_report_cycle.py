"""The report's way through the year: its steps, their conditions, the way back, dates, mails and texts."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from django_fsm import TransitionNotAllowed
from post_office.models import Email

from dialog.models import JobRun, Step
from dialog.services import jobs, steps
from measures.models import CouncilReport, ReportMail, ReportText
from measures.services import editions, report_cycle, report_mails, report_texts, reports, statements
from tests import council
from tests.factories import (
    BodyFactory,
    CouncilReportFactory,
    MeasureFactory,
    MembershipFactory,
    PersonFactory,
    UserFactory,
    berlin,
)

pytestmark = pytest.mark.django_db

AT = berlin(2010, 11, 20)
TODAY = dt.date(2010, 11, 20)
DAY = dt.timedelta(days=1)


def opened() -> CouncilReport:
    return reports.open_report(2010, by=None, at=AT - DAY)


def subjects() -> list[tuple[str, str]]:
    return [(mail.to[0], mail.subject) for mail in Email.objects.order_by("pk")]


@pytest.fixture
def steering_lead(db: None) -> Any:
    person = PersonFactory(name="Hanna Haupt", email="hanna@example.org")
    body = BodyFactory(name="Steuerungsgruppe", slug="steuerungsgruppe", steering_group=True)
    return MembershipFactory(body=body, person=person, chair=True).person


# ── forward ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_whole_way_leaves_its_trace() -> None:
    report = council.handed_over(opened(), at=AT)
    report_cycle.note(report, noted_on=TODAY, outcome="taken_note", vote="einstimmig", by=None, at=AT)

    report = CouncilReport.objects.get()
    assert (report.state, report.noted_on, report.vote) == ("noted", TODAY, "einstimmig")
    assert [step.to_state for step in Step.objects.of(report)] == CouncilReport.State.values


@pytest.mark.parametrize("state", CouncilReport.State.values)
def test_only_the_next_step_and_the_way_back_are_open(planner: Any, operator: Any, state: str) -> None:
    extra: dict[str, Any] = {"state": state}
    if state in CouncilReport.PUBLISHED:
        extra = {"published": True, **extra}
    if state == "noted":
        extra |= {"noted_on": TODAY, "outcome": "taken_note"}
    if state == "consultation":
        extra |= {"consultation_until": TODAY}
    report = CouncilReportFactory(**extra)
    forward = dict(
        zip(
            CouncilReport.State.values,
            ["gather", "consult", "freeze", "approve", "hand_over", "note", None],
            strict=True,
        )
    )[state]
    back = {"go_back"} if state in CouncilReport.RETURNABLE else set()
    assert steps.open_to(report, operator) == ({forward} | back) - {None}
    assert steps.open_to(report, planner) == ({forward} | back) - {None, "approve"}


def test_a_draft_that_stops_before_the_cutoff_is_not_put_before_the_groups() -> None:
    report = reports.open_report(2010, by=None, at=berlin(2010, 5, 4))
    report_cycle.gather(report, updates_until=dt.date(2010, 6, 1), by=None, at=berlin(2010, 5, 4))
    with pytest.raises(ValidationError, match="noch nicht erstellt"):
        report_cycle.consult(report, consultation_until=TODAY, by=None, at=berlin(2010, 5, 4))
    reports.make(report, by=None, at=berlin(2010, 5, 4))
    with pytest.raises(ValidationError, match="Zwischenstand"):
        report_cycle.consult(report, consultation_until=TODAY, by=None, at=berlin(2010, 5, 5))


def test_a_day_that_is_over_is_no_deadline() -> None:
    with pytest.raises(ValidationError, match="schon vorbei"):
        report_cycle.gather(opened(), updates_until=TODAY - DAY, by=None, at=AT)
    assert CouncilReport.objects.get().state == "opened"


def test_only_the_steering_groups_lead_approves(planner: Any, operator: Any) -> None:
    report = council.frozen(opened(), at=AT)
    with pytest.raises(PermissionDenied):
        report_cycle.approve(report, by=planner, at=AT)
    report_cycle.approve(report, by=operator, at=AT)
    assert CouncilReport.objects.get().state == "approved"


def test_the_council_gets_the_report_only_after_the_approval_and_with_a_paper_number() -> None:
    report = council.frozen(opened(), at=AT)
    with pytest.raises(TransitionNotAllowed):
        report_cycle.hand_over(report, paper_number="VL-1", council_on=None, by=None, at=AT)
    report_cycle.approve(report, by=None, at=AT)
    with pytest.raises(ValidationError, match="Nummer der Vorlage"):
        report_cycle.hand_over(report, paper_number=" ", council_on=None, by=None, at=AT)
    assert not CouncilReport.objects.published().exists()


@pytest.mark.parametrize(("day", "message"), [(TODAY + DAY, "Zukunft"), (TODAY - DAY, "noch nicht")])
def test_the_council_notes_it_between_the_handing_over_and_today(day: dt.date, message: str) -> None:
    report = council.handed_over(opened(), at=AT)
    with pytest.raises(ValidationError, match=message):
        report_cycle.note(report, noted_on=day, outcome="taken_note", vote="", by=None, at=AT)


# ── back ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_way_back_needs_a_reason_and_keeps_it(planner: Any) -> None:
    report = council.consulted(opened(), at=AT)
    with pytest.raises(ValidationError, match="warum"):
        report_cycle.go_back(report, reason="  ", by=planner, at=AT)

    report_cycle.go_back(report, reason="Ein Feld fehlt.", by=planner, at=AT)

    last = Step.objects.of(report).last()
    assert last is not None
    assert (last.from_state, last.to_state, last.note, last.by) == (
        "consultation",
        "collecting",
        "Ein Feld fehlt.",
        planner,
    )


def test_from_every_state_until_the_approval_the_way_leads_one_step_back() -> None:
    report = council.frozen(opened(), at=AT)
    report_cycle.approve(report, by=None, at=AT)
    states = []
    while report.state != "opened":
        report_cycle.go_back(report, reason="Noch einmal.", by=None, at=AT)
        states.append(report.state)
    assert states == ["frozen", "consultation", "collecting", "opened"]


def test_what_the_council_has_does_not_come_back() -> None:
    report = council.handed_over(opened(), at=AT)
    with pytest.raises(TransitionNotAllowed):
        report_cycle.go_back(report, reason="Doch nicht.", by=None, at=AT)


# ── dates ───────────────────────────────────────────────────────────────────────────────────────────────


def plan(report: CouncilReport, **dates: Any) -> None:
    known = dict.fromkeys(("cutoff_planned", "updates_until", "consultation_until", "council_on"))
    report_cycle.plan(report, by=None, at=AT, **{**known, **dates})


def test_a_cutoff_of_its_own_moves_the_next_reports_beginning() -> None:
    plan(opened(), cutoff_planned=dt.date(2010, 11, 10))

    assert reports.planned_cutoff(CouncilReport.objects.get()) == dt.date(2010, 11, 10)
    assert reports.draft(2010, at=AT).cutoff == dt.date(2010, 11, 10)
    assert reports.draft(2011, at=berlin(2011, 12, 1)).period_start == dt.date(2010, 11, 11)


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"cutoff_planned": dt.date(2009, 1, 1)}, "cutoff_planned"),
        ({"consultation_until": dt.date(2010, 10, 31)}, "consultation_until"),
        ({"consultation_until": dt.date(2010, 12, 1), "council_on": dt.date(2010, 11, 30)}, "council_on"),
    ],
)
def test_dates_in_the_wrong_order_are_refused(dates: dict[str, dt.date], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        plan(opened(), **dates)
    assert field in refused.value.message_dict


def test_the_dates_of_what_the_council_has_stay() -> None:
    report = council.handed_over(opened(), at=AT)
    with pytest.raises(ValidationError, match="bleiben"):
        plan(report, council_on=dt.date(2010, 12, 10))


# ── mails ───────────────────────────────────────────────────────────────────────────────────────────────


def test_each_lead_is_asked_for_updates_by_one_mail() -> None:
    person, other = PersonFactory(email="kim@example.org"), PersonFactory(email="")
    for title in ("Gahmen", "Netzwerk"):
        MeasureFactory(title=title).contacts.add(person, other)
    MeasureFactory(title="Fertig", done=True).contacts.add(person)

    report_cycle.gather(opened(), updates_until=TODAY + 20 * DAY, by=None, at=AT)

    mail = Email.objects.get()
    assert mail.to == ["kim@example.org"]
    assert "Gahmen" in mail.message
    assert "Netzwerk" in mail.message
    assert "Fertig" not in mail.message
    assert "10. Dezember 2010" in mail.message


def test_nobody_is_asked_twice_even_after_a_step_back() -> None:
    MeasureFactory().contacts.add(PersonFactory(email="kim@example.org"))
    report = opened()
    report_cycle.gather(report, updates_until=TODAY, by=None, at=AT)
    report_cycle.go_back(report, reason="Zu früh.", by=None, at=AT)
    report_cycle.gather(report, updates_until=TODAY, by=None, at=AT)

    assert Email.objects.count() == ReportMail.objects.count() == 1


def test_a_mail_that_was_rolled_back_is_not_remembered() -> None:
    MeasureFactory().contacts.add(PersonFactory(email="kim@example.org"))
    report = CouncilReportFactory(state="collecting")
    with pytest.raises(TransitionNotAllowed):
        report_cycle.gather(report, updates_until=TODAY, by=None, at=AT)
    assert not ReportMail.objects.exists()
    assert not Email.objects.exists()


def test_reminders_go_once_to_those_who_are_still_silent() -> None:
    quiet, busy = PersonFactory(email="still@example.org"), PersonFactory(email="fleissig@example.org")
    MeasureFactory().contacts.add(quiet)
    told = MeasureFactory()
    told.contacts.add(busy)
    report_cycle.gather(opened(), updates_until=TODAY + 20 * DAY, by=None, at=AT)
    type(told).objects.filter(pk=told.pk).update(last_news_on=TODAY + DAY)
    Email.objects.all().delete()

    assert report_cycle.remind(AT + 5 * DAY) == 0
    assert report_cycle.remind(AT + 14 * DAY) == 1
    assert report_cycle.remind(AT + 15 * DAY) == 0
    assert report_cycle.remind(AT + 30 * DAY) == 0
    assert subjects() == [("still@example.org", "Erinnerung: Sachstände für den Bericht 2010 an den Rat")]


def test_groups_are_asked_reminded_once_and_the_planning_group_learns_that_it_is_over(planner: Any) -> None:
    for name, deputy in (("Wohnen", False), ("Arbeit", True)):
        person = PersonFactory(email=f"{name.lower()}@example.org")
        role = "deputy" if deputy else "chair"
        MembershipFactory(body=BodyFactory(name=name), person=person, role=role)
    report = council.consulted(opened(), at=AT)
    CouncilReport.objects.update(consultation_until=TODAY + 10 * DAY)
    report.refresh_from_db()
    assert [address for address, _subject in subjects()] == ["arbeit@example.org", "wohnen@example.org"]
    assert "/berichte/2010/stellungnahme/" in Email.objects.first().message
    Email.objects.all().delete()
    statements.give(
        report,
        statements.silent(report)[0],
        position="agrees",
        text="",
        decided_on=TODAY,
        by=None,
        at=AT,
    )

    for day in (1, 4, 5, 11, 12):
        report_cycle.remind(AT + day * DAY)

    assert [address for address, _subject in subjects()] == ["wohnen@example.org", "paula@example.org"]


def test_the_steering_groups_lead_is_asked_to_approve_each_edition(steering_lead: Any) -> None:
    council.frozen(opened(), at=AT)
    assert subjects() == [("hanna@example.org", "Bericht 2010 an den Rat: Bitte um Freigabe")]


def test_the_steering_groups_lead_is_reminded_once_of_an_edition_that_waits(steering_lead: Any) -> None:
    report = council.frozen(opened(), at=AT)
    Email.objects.all().delete()

    assert [report_cycle.remind(AT + days * DAY) for days in (1, 6, 7, 8, 30)] == [0, 0, 1, 0, 0]
    assert subjects() == [("hanna@example.org", "Erinnerung: Freigabe des Berichts 2010 an den Rat")]
    assert "seit dem 20. November 2010 festgestellt" in Email.objects.get().message
    assert "/arbeitsbereich/berichte/2010/" in Email.objects.get().message

    report_cycle.go_back(report, reason="Zahl falsch.", by=None, at=AT + 31 * DAY)
    editions.freeze(report, by=None, at=AT + 32 * DAY)
    assert [report_cycle.remind(AT + days * DAY) for days in (33, 39)] == [0, 1]
    report_cycle.approve(report, by=None, at=AT + 40 * DAY)
    assert report_cycle.remind(AT + 90 * DAY) == 0


def test_an_approved_edition_is_not_reminded_of(steering_lead: Any) -> None:
    report = council.frozen(opened(), at=AT)
    report_cycle.approve(report, by=None, at=AT + DAY)

    assert report_cycle.remind(AT + 10 * DAY) == 0


def test_council_members_get_the_pdf_and_its_checksum() -> None:
    body = BodyFactory(name="Rat der Stadt", council=True)
    MembershipFactory(body=body, person=PersonFactory(email="rat@example.org"))
    report = council.handed_over(opened(), at=AT)

    mail = Email.objects.get()
    edition = report.editions.get()
    assert mail.to == ["rat@example.org"]
    assert "VL-154/2010" in mail.message
    assert edition.document.sha256 in mail.message
    assert mail.attachments.get().name == "bericht-2010.pdf"
    assert report_mails.tell_the_council(edition, at=AT) == 0


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────────


def save(report: CouncilReport, text: str, version: int, by: Any = None) -> ReportText:
    return report_texts.save(report, "foreword", text=text, version=version, by=by, at=AT)


def test_a_text_keeps_its_history_and_is_printed(planner: Any) -> None:
    report = opened()
    save(report, "Erster Satz.", 0, planner)
    text = save(report, "Zweiter Satz.", 1, planner)

    assert (text.version, text.saved_by) == (2, planner)
    assert "Erster Satz." in text.history.values_list("text", flat=True)
    assert reports.collect(report)["texts"]["foreword"] == "Zweiter Satz."


def test_two_who_write_at_once_lose_nothing(planner: Any) -> None:
    report = opened()
    save(report, "Von Paula.", 0, planner)

    with pytest.raises(report_texts.Overtaken) as overtaken:
        save(report, "Von jemand anderem.", 0)

    assert overtaken.value.current.text == "Von Paula."
    assert save(report, "Von Paula.", 0).version == 1
    assert ReportText.objects.get().text == "Von Paula."


def test_texts_that_cannot_be_saved_say_why(citizen: Any) -> None:
    report = opened()
    with pytest.raises(PermissionDenied):
        save(report, "Nein.", 0, citizen)
    with pytest.raises(ValidationError, match="höchstens 20000"):
        save(report, "x" * 20_001, 0)
    council.frozen(report, at=AT)
    with pytest.raises(ValidationError, match="festgestellt"):
        save(report, "Zu spät.", 0)


def test_the_page_saves_by_itself_and_shows_the_other_text(planner: Any, client_of: Any) -> None:
    report = opened()
    browser, address = client_of(planner), reverse("workspace_report_text", args=[2010, "foreword"])
    assert "data-autosave" in browser.get(address).content.decode()

    saved = browser.post(address, {"text": "Guten Tag.", "version": 0}, headers={"HX-Request": "true"})
    assert 'name="version" value="1"' in saved.content.decode()
    assert "<html" not in saved.content.decode()

    lost = browser.post(address, {"text": "Anders.", "version": 0}, headers={"HX-Request": "true"})
    assert "Guten Tag." in lost.content.decode()
    assert report.texts.get().text == "Guten Tag."

    plain = browser.post(address, {"text": "Anders.", "version": 1})
    assert plain.status_code == 302
    assert report.texts.get().text == "Anders."
    assert browser.get(reverse("workspace_report_text", args=[2010, "gibtsnicht"])).status_code == 404


# ── the page of the year ────────────────────────────────────────────────────────────────────────────────


def test_the_planning_group_walks_the_way_on_the_pages(planner: Any, client_of: Any) -> None:
    today = timezone.localdate()
    year = reports.year_due(today)
    reports.make(reports.open_report(year, by=None, at=timezone.now()), by=None, at=timezone.now())
    browser = client_of(planner)
    page = f"/arbeitsbereich/berichte/{year}/"

    assert "Sachstände erbitten" in browser.get(page).content.decode()
    assert browser.get(f"{page}gather/").status_code == 200
    assert "kern-error" in browser.post(f"{page}gather/", {"updates_until": "irgendwann"}).content.decode()
    assert browser.post(f"{page}gather/", {"updates_until": today}).headers["Location"] == page
    browser.post(f"{page}consult/", {"consultation_until": today})
    answer = browser.post(f"{page}freeze/")
    job = JobRun.objects.get()
    assert answer.headers["Location"] == job.get_absolute_url()
    assert browser.post(f"{page}freeze/").headers["Location"] == job.get_absolute_url()
    jobs.run(job.pk)

    report = CouncilReport.objects.get()
    assert report.state == "frozen"
    assert browser.post(f"{page}approve/").status_code == 403
    assert browser.get(f"{page}approve/").headers["Location"] == page
    assert browser.post(f"{page}go_back/", {"reason": ""}).status_code == 200
    browser.post(f"{page}go_back/", {"reason": "Noch ein Fehler."})
    assert "Noch ein Fehler." in browser.get(page).content.decode()
    assert browser.get(f"{page}gibtsnicht/").status_code == 404


def test_dates_are_entered_on_their_page(planner: Any, client_of: Any) -> None:
    CouncilReportFactory(year=2009)
    browser, page = client_of(planner), "/arbeitsbereich/berichte/2009/termine/"
    assert browser.get(page).status_code == 200

    wrong = browser.post(page, {"cutoff_planned": "2001-01-01"})
    assert "vor dem Beginn" in wrong.content.decode()
    browser.post(page, {"cutoff_planned": "2009-11-15", "council_on": "2009-12-17"})

    assert CouncilReport.objects.get().cutoff_planned == dt.date(2009, 11, 15)


def test_the_steering_groups_lead_sees_and_approves_what_is_frozen(steering_lead: Any, client_of: Any) -> None:
    steering_lead.user = UserFactory(email="hanna@example.org")
    steering_lead.save()
    browser = client_of(steering_lead.user)
    report = opened()
    assert browser.get("/arbeitsbereich/berichte/2010/").status_code == 404
    council.frozen(report, at=AT)

    page = browser.get("/arbeitsbereich/berichte/2010/").content.decode()
    assert "Freigeben" in page
    assert "Termine ändern" not in page
    browser.post("/arbeitsbereich/berichte/2010/approve/")

    assert CouncilReport.objects.get().state == "approved"


def test_the_page_of_the_year_needs_the_same_queries_for_one_group_and_for_thirty(queries: Any, planner: Any) -> None:
    report = council.consulted(opened(), at=AT)
    BodyFactory()
    few = queries("/arbeitsbereich/berichte/2010/", "planner")
    for body in BodyFactory.create_batch(29):
        MeasureFactory(last_news_on=dt.date(2009, 1, 1))  # quiet, and without a contact
        CouncilReport.objects.filter(pk=report.pk).update(consultation_until=TODAY)
        statements.give(report, body, position="agrees", text="", decided_on=TODAY, by=None, at=AT)
    assert queries("/arbeitsbereich/berichte/2010/", "planner") <= few + 1


def test_the_page_of_the_year_names_the_measures_that_nobody_can_be_asked_for(planner: Any, client_of: Any) -> None:
    opened()
    asked, gone = PersonFactory(email="amt@example.org"), PersonFactory(email="")
    MeasureFactory(title="Mit Ansprechperson", contacts=[asked, gone])
    MeasureFactory(title="Mit Konto", contacts=[PersonFactory(user=UserFactory(email="konto@example.org"))])
    MeasureFactory(title="Ohne Adresse", contacts=[gone])
    MeasureFactory(title="Ohne Person")
    MeasureFactory(title="Längst fertig", done=True)

    page = client_of(planner).get("/arbeitsbereich/berichte/2010/").content.decode()
    section = page[page.index("Maßnahmen ohne Ansprechperson") :].split("</section>")[0]

    assert "Ohne Adresse" in section
    assert "Ohne Person" in section
    assert "Mit Ansprechperson" not in section
    assert "Mit Konto" not in section
    assert "Längst fertig" not in section


def test_editions_are_counted_on_after_a_step_back() -> None:
    report = council.frozen(opened(), at=AT)
    report_cycle.go_back(report, reason="Zahl falsch.", by=None, at=AT)
    editions.freeze(report, by=None, at=AT + DAY)
    assert [edition.number for edition in report.editions.all()] == [2, 1]
