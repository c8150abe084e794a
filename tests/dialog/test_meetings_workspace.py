"""Planning meetings: creating, copying, repeating, moving, calling off, and the pages where it is done."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from dialog.models import Document, Meeting
from dialog.services import meetings, memberships
from tests.dialog.test_calendars import soon
from tests.dialog.test_documents import PDF
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    BodyFactory,
    MeetingFactory,
    MinutesFactory,
    berlin,
)

AT = berlin(2026, 3, 2)
DAY = {"day": "2027-05-04", "begins": "18:00", "ends": "20:00", "place": "Rathaus"}


def plan(body, by, start=None, **details) -> Meeting:
    start = start or berlin(2026, 5, 5, 18)
    return meetings.create(body, starts_at=start, ends_at=start + dt.timedelta(hours=2), by=by, at=AT, **details)


def test_meetings_are_numbered_by_body_and_year(working_group, planner):
    assert [plan(working_group, planner).number_in_year for _ in range(2)] == ["1. Sitzung 2026", "2. Sitzung 2026"]
    assert plan(working_group, planner, berlin(2027, 1, 12)).number == 1
    assert plan(BodyFactory(), planner).number == 1


def test_a_meeting_moved_into_another_year_gets_a_number_there(working_group, planner):
    plan(working_group, planner, berlin(2027, 1, 12))
    meeting = plan(working_group, planner)
    meetings.edit(meeting, by=planner, at=AT, starts_at=berlin(2027, 2, 2, 18), ends_at=berlin(2027, 2, 2, 20))
    assert (meeting.year, meeting.number) == (2027, 2)


@pytest.mark.django_db(transaction=True)
def test_two_meetings_planned_at_once_get_two_numbers(planner):
    group = BodyFactory()
    barrier = threading.Barrier(3, timeout=20)

    def create() -> None:
        try:
            barrier.wait()
            plan(group, planner)
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(Meeting.objects.values_list("number", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize("role", ["citizen", "member", "chair"])
def test_only_the_planning_group_plans(request, working_group, role):
    user = request.getfixturevalue(role)
    with pytest.raises(PermissionDenied):
        plan(working_group, user)
    for step in (meetings.edit, meetings.cancel):
        with pytest.raises(PermissionDenied):
            step(
                MeetingFactory(body=working_group), by=user, at=AT, **{"reason": "x"} if step is meetings.cancel else {}
            )


def test_the_end_before_the_start_is_refused(working_group, planner):
    with pytest.raises(ValidationError, match="Ende"):
        meetings.create(
            working_group, starts_at=berlin(2026, 5, 5, 20), ends_at=berlin(2026, 5, 5, 18), by=planner, at=AT
        )


@pytest.mark.parametrize(
    ("first", "every", "expected"),
    [
        ((2026, 1, 6), 3, [(2026, 1, 6), (2026, 4, 7), (2026, 7, 7), (2026, 10, 6)]),
        ((2026, 10, 13), 1, [(2026, 10, 13), (2026, 11, 10), (2026, 12, 8), (2027, 1, 12)]),
        ((2026, 1, 30), 1, [(2026, 1, 30), (2026, 2, 27), (2026, 3, 27), (2026, 4, 24)]),
    ],
)
def test_a_series_keeps_the_weekday_of_the_month(first, every, expected):
    assert meetings.repeated(dt.date(*first), every=every, count=4) == [dt.date(*day) for day in expected]


def test_a_series_begins_at_the_same_hour_before_and_after_the_clocks_change(working_group, planner):
    made = meetings.create_series(
        working_group,
        starts_at=berlin(2026, 1, 6, 18),
        ends_at=berlin(2026, 1, 6, 20),
        every=6,
        count=2,
        by=planner,
        at=AT,
    )
    assert [timezone.localtime(meeting.starts_at).hour for meeting in made] == [18, 18]
    assert [meeting.starts_at.astimezone(dt.UTC).hour for meeting in made] == [17, 16]


def test_once_held_or_minuted_a_meeting_is_neither_changed_nor_called_off(working_group, planner):
    held = MeetingFactory(body=working_group, held=True)
    minuted = MinutesFactory(meeting=MeetingFactory(body=working_group)).meeting
    with pytest.raises(TransitionNotAllowed):
        meetings.edit(held, by=planner, at=AT, place="Woanders")
    for meeting in (held, minuted):
        with pytest.raises(TransitionNotAllowed):
            meetings.cancel(meeting, by=planner, at=AT, reason="Grund")


def test_a_meeting_is_not_held_before_it_begins(working_group, planner):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    with pytest.raises(TransitionNotAllowed):
        meetings.hold(meeting, by=planner, at=timezone.now())
    meetings.hold(meeting, by=planner, at=meeting.starts_at)
    assert meeting.state == "held"


# ── warnings ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "name"), [((2026, 10, 3), "Tag der Deutschen Einheit"), ((2026, 6, 4), "Fronleichnam"), ((2026, 6, 5), "")]
)
def test_public_holidays_of_the_state_are_known(day, name):
    assert meetings.holiday_on(dt.date(*day)) == name


def test_what_is_probably_not_meant_is_said_and_not_forbidden(working_group):
    meeting = MeetingFactory(body=working_group, starts_at=berlin(2026, 6, 4, 18))
    items = [AgendaItemFactory(meeting=meeting, position=n, duration=70) for n in (1, 2)]
    found = meetings.warnings(meeting, at=berlin(2026, 6, 1), items=items)
    assert found == [
        "An diesem Tag ist ein Feiertag: Fronleichnam.",
        "Die Tagesordnung dauert 20 Minuten länger als die Sitzung.",
        "Die Einladungsfrist ist schon verstrichen.",
    ]
    assert meetings.warnings(MeetingFactory(starts_at=berlin(2026, 6, 9, 18)), at=berlin(2026, 5, 1)) == []


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def browser(client_of, planner):
    return client_of(planner)


def test_a_meeting_is_planned_from_the_last_one_with_its_agenda(browser, working_group):
    last = MeetingFactory(body=working_group, title="Runde", starts_at=berlin(2026, 2, 3), childcare=True)
    AgendaItemFactory(meeting=last, position=1, title="Lesepaten")
    page = browser.get("/arbeitsbereich/sitzungen/neu/?gremium=wohnen-und-quartier").content.decode()
    assert "3. Februar 2026" in page
    data = {**DAY, "body": working_group.pk, "title": "Runde", "every": "0"}
    browser.post(f"/arbeitsbereich/sitzungen/neu/?kopie={last.pk}", data)
    made = Meeting.objects.latest("pk")
    assert [item.title for item in made.agenda_items.all()] == ["Lesepaten"]
    assert timezone.localtime(made.starts_at).hour == 18


def test_a_series_is_planned_at_once(browser, working_group):
    data = {**DAY, "body": working_group.pk, "every": "3", "count": "4"}
    assert browser.post("/arbeitsbereich/sitzungen/neu/", data).status_code == 302
    assert Meeting.objects.count() == 4


def test_a_series_warns_of_each_of_its_days(browser, working_group):
    data = {**DAY, "day": "2027-02-04", "body": working_group.pk, "every": "3", "count": "3"}
    page = browser.post("/arbeitsbereich/sitzungen/neu/", data, follow=True).content.decode()
    assert "06.05.2027: An diesem Tag ist ein Feiertag: Christi Himmelfahrt." in page
    assert page.count("ein Feiertag") == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends": "17:00"}, "Das Ende muss nach dem Beginn liegen."),
        ({"day": "2027-03-28", "begins": "02:30", "ends": "04:00"}, "weil die Uhren umgestellt werden"),
        ({"day": "2026-10-25", "begins": "02:30", "ends": "04:00"}, "weil die Uhren umgestellt werden"),
        ({"day": "31.02.2027"}, "gültiges Datum"),
        ({"every": "3"}, "wie viele Sitzungen"),
        ({"video_url": "javascript:alert(1)"}, "gültige"),
        ({"place": "x" * 200}, "160"),
    ],
)
def test_wrong_input_is_named_and_nothing_typed_is_lost(browser, working_group, wrong, words):
    data = {**DAY, "body": working_group.pk, "title": "Mein langer Titel", "every": "0", **wrong}
    page = browser.post("/arbeitsbereich/sitzungen/neu/", data).content.decode()
    assert words in page
    assert "Mein langer Titel" in page
    assert not Meeting.objects.exists()


def test_of_two_who_change_a_meeting_the_second_is_told_and_loses_nothing(browser, working_group, planner):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/bearbeiten/"
    meetings.edit(meeting, by=planner, at=AT, room="Saal 1")
    page = browser.post(address, {**DAY, "room": "Saal 2", "seen": "0"}).content.decode()
    assert "Inzwischen hat jemand anderes" in page
    assert 'value="Saal 2"' in page
    assert browser.post(address, {**DAY, "room": "Saal 2", "seen": "1"}).status_code == 302
    meeting.refresh_from_db()
    assert meeting.room == "Saal 2"


def test_calling_off_twice_gives_one_clear_page(browser, working_group):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/absagen/"
    assert "Grund" in browser.post(address, {"reason": " "}).content.decode()
    assert browser.post(address, {"reason": "krank"}).status_code == 302
    assert browser.post(address, {"reason": "krank"}).status_code == 409


def test_the_agenda_is_made_with_forms_and_buttons_alone(browser, working_group):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/tagesordnung/"
    for title in ("Eins", "Zwei <script>alert(1)</script>"):
        browser.post(address, {"title": title, "kind": "debate", "duration": "15", "is_public": "on"})
    first, second = meeting.agenda_items.order_by("position")
    browser.post(f"{address}{second.pk}/verschieben/", {"to": "hoch"})
    assert [item.pk for item in meeting.agenda_items.order_by("position")] == [second.pk, first.pk]
    page = browser.get(address).content.decode()
    assert "<script>alert" not in page
    browser.post(f"{address}{second.pk}/", {"remove": "1"})
    assert meeting.agenda_items.get() == first


@pytest.mark.parametrize("to", ["", "x", "-1", "99999999999", "0"])
def test_a_senseless_place_breaks_nothing(browser, working_group, to):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    item = AgendaItemFactory(meeting=meeting, position=1)
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/tagesordnung/{item.pk}/verschieben/"
    assert browser.post(address, {"to": to}).status_code == 302


def test_a_paper_of_a_confidential_item_is_never_public(browser, working_group, anonymous, client_of):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    item = AgendaItemFactory(meeting=meeting, position=1, is_public=False)
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/tagesordnung/{item.pk}/"
    upload = SimpleUploadedFile("Liste.pdf", PDF)
    browser.post(address, {"upload": "1", "title": "Liste", "file": upload, "is_public": "on"})
    assert Document.objects.get().agenda_item == item
    assert not Document.objects.visible_to(anonymous).exists()
    assert "Liste" not in client_of(anonymous).get(f"/sitzungen/{meeting.pk}/").content.decode()


def test_a_renamed_program_is_refused(browser, working_group):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    item = AgendaItemFactory(meeting=meeting, position=1)
    upload = SimpleUploadedFile("Liste.pdf", b"MZ\x90\x00" + b"\x00" * 100)
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/tagesordnung/{item.pk}/"
    page = browser.post(address, {"upload": "1", "title": "Meine Liste", "file": upload}).content.decode()
    assert "Diese Datei können wir nicht annehmen" in page
    assert "Meine Liste" in page


def test_standing_items_are_set_by_body(browser, working_group, planner):
    form = {
        "form-TOTAL_FORMS": "2",
        "form-INITIAL_FORMS": "0",
        "form-0-title": "Genehmigung der Niederschrift",
        "form-0-place": "beginning",
        "form-0-kind": "decision",
        "form-0-duration": "5",
        "form-1-title": "Verschiedenes",
        "form-1-place": "end",
        "form-1-kind": "debate",
    }
    address = "/arbeitsbereich/gremien/wohnen-und-quartier/staendige-punkte/"
    form["is_open"] = "on"
    refused = browser.post(address, {**form, "invitation_days": "900", "quorum_percent": "0"}).content.decode()
    assert refused.count("kern-error") >= 2
    assert "Verschiedenes" in refused
    assert not working_group.standing_items.exists()
    assert browser.post(address, {**form, "invitation_days": "21", "quorum_percent": "50"}).status_code == 302
    working_group.refresh_from_db()
    assert (working_group.invitation_days, working_group.quorum_percent) == (21, 50)
    titles = [item.title for item in plan(working_group, planner).agenda_items.order_by("position")]
    assert titles == ["Genehmigung der Niederschrift", "Verschiedenes"]


RULES = {"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0", "invitation_days": "21", "quorum_percent": ""}


def test_a_group_is_closed_with_a_reason_and_opened_again(browser, read, working_group):
    address = "/arbeitsbereich/gremien/wohnen-und-quartier/staendige-punkte/"
    refused = browser.post(address, {**RULES, "closed_reason": " "}).content.decode()
    assert "Bitte nennen Sie den Grund; er steht auf der Seite der Gruppe." in refused
    working_group.refresh_from_db()
    assert (working_group.is_open, working_group.invitation_days) == (True, 14)

    assert browser.post(address, {**RULES, "closed_reason": "Die Runde ist voll."}).status_code == 302
    assert "Die Runde ist voll." in read("anonymous", "/gremien/wohnen-und-quartier/")
    assert browser.post(address, {**RULES, "is_open": "on", "closed_reason": "Die Runde ist voll."}).status_code == 302
    working_group.refresh_from_db()
    assert (working_group.is_open, working_group.closed_reason, working_group.invitation_days) == (True, "", 21)


@pytest.mark.parametrize("kind", [{"council": True}, {"ended": True}])
def test_a_body_that_nobody_can_ask_to_join_is_not_opened(browser, planner, kind):
    body = BodyFactory(**kind)
    address = f"/arbeitsbereich/gremien/{body.slug}/staendige-punkte/"
    assert "Neue Mitglieder" not in browser.get(address).content.decode()
    assert browser.post(address, {**RULES, "is_open": "on"}).status_code == 302
    with pytest.raises(ValidationError):
        memberships.set_admission(body, is_open=True, closed_reason="", by=planner)
    body.refresh_from_db()
    assert (body.is_open, body.invitation_days) == (False, 21)


def test_presence_is_kept_from_the_page(browser, working_group, member):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/anwesenheit/"
    browser.get(address)
    row = meeting.attendances.get()
    browser.post(address, {"presence": "1", f"member-{row.pk}": "present"})
    row.refresh_from_db()
    assert row.presence == "present"


def test_the_first_page_says_what_is_to_prepare(read, working_group):
    MeetingFactory(body=working_group, title="Ohne Tagesordnung", starts_at=soon(20))
    ready = MeetingFactory(body=working_group, title="Fertig", starts_at=soon(20), invited_at=timezone.now())
    late = MeetingFactory(body=working_group, title="Zu spät", starts_at=soon(3))
    AgendaItemFactory(meeting=late, position=1)
    page = read("planner", "/arbeitsbereich/?nur=sitzungen")
    prepare = page.split("Nächste Sitzungen")[0]
    assert "Tagesordnung aufstellen" in prepare
    assert "überfällig" in prepare
    assert str(ready) not in prepare
    assert "Tagesordnung aufstellen" not in read("chair", "/arbeitsbereich/")


@pytest.mark.parametrize("page", ["", "{pk}/", "{pk}/einladung/", "{pk}/anwesenheit/"])
def test_pages_take_as_many_queries_for_30_as_for_one(queries, working_group, page):
    meeting = MeetingFactory(body=working_group, starts_at=soon())
    AttendanceFactory(meeting=meeting, invited=True)
    address = f"/arbeitsbereich/sitzungen/{page.format(pk=meeting.pk)}"
    one = queries(address, "planner")
    for _ in range(29):
        AttendanceFactory(meeting=meeting, invited=True)
        MeetingFactory(body=working_group, starts_at=soon(9))
    assert queries(address, "planner") == one
