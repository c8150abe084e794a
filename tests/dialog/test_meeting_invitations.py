"""Invitations: who gets what, once; answers, reminders, changes and recalls."""

import datetime as dt
import email
import io

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_fsm import ConcurrentTransition, TransitionNotAllowed
from icalendar import Calendar
from post_office.models import Email

from dialog.models import Attendance, Guest, Meeting
from dialog.services import attendance, jobs, meeting_invitations, meetings, memberships, pdf
from tests.dialog.test_calendars import soon
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    GuestFactory,
    MeetingFactory,
    MembershipFactory,
    PersonFactory,
    berlin,
)


@pytest.fixture(autouse=True)
def _no_heartbeat(monkeypatch):
    """The test's own transaction holds the database; on a slow machine the heartbeat would wait for it in vain."""
    monkeypatch.setattr(jobs, "HEARTBEAT", dt.timedelta(hours=1))


@pytest.fixture
def meeting(working_group, member, chair):
    """A meeting to come, with a public and a confidential item and a guest."""
    meeting = MeetingFactory(body=working_group, title="Wohnen im Alter", starts_at=soon(20))
    AgendaItemFactory(meeting=meeting, position=1, title="Aufzug am Markt", duration=20)
    AgendaItemFactory(meeting=meeting, position=2, title="Mietschulden", is_public=False)
    GuestFactory(meeting=meeting, name="Gerda Gast", email="gerda@example.org")
    return meeting


def invite(meeting: Meeting, by) -> None:
    job = meeting_invitations.send(meeting, by=by, at=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    meeting.refresh_from_db()


def mail_to(address: str) -> Email:
    return Email.objects.filter(to=address).latest("pk")


def addresses() -> list[str]:
    return sorted(mail.to[0] for mail in Email.objects.all())


def parts_of(mail: Email) -> dict[str, bytes]:
    message = email.message_from_bytes(mail.email_message().message().as_bytes())
    return {
        part.get_content_type() + str(part.get_param("method") or ""): part.get_payload(decode=True)
        for part in message.walk()
        if not part.is_multipart()
    }


def text_of_pdf(content: bytes) -> str:
    with pikepdf.open(io.BytesIO(content)) as document:
        return " ".join(pdf.page_texts(document))


def test_members_and_guests_get_text_pdf_and_calendar(meeting, planner):
    invite(meeting, planner)
    assert addresses() == ["gerda@example.org", "lena@example.org", "mira@example.org"]
    mail = mail_to("mira@example.org")
    assert "Wohnen im Alter" in mail.subject
    assert "TOP 1  Aufzug am Markt" in mail.message
    assert "Mietschulden" in mail.message
    parts = parts_of(mail)
    assert set(parts) == {"text/plain", "application/pdf", "text/calendarREQUEST"}
    assert pdf.check(parts["application/pdf"], texts=["Wohnen im Alter", "Mietschulden"]).lang.startswith("de")
    calendar = Calendar.from_ical(parts["text/calendarREQUEST"])
    [event] = calendar.walk("VEVENT")
    assert event["ATTENDEE"] == "mailto:mira@example.org"
    assert meeting.invited_at is not None


def test_guests_learn_nothing_of_confidential_items(meeting, planner, client_of, anonymous):
    invite(meeting, planner)
    mail = mail_to("gerda@example.org")
    guest = Guest.objects.get()
    page = client_of(anonymous).get(meeting_invitations.answer_path(guest)).content.decode()
    for text in (mail.message, text_of_pdf(parts_of(mail)["application/pdf"]), page):
        assert "Aufzug am Markt" in text
        assert "Mietschulden" not in text


def test_sending_twice_mails_nobody_twice_and_latecomers_get_it_later(meeting, planner, working_group):
    invite(meeting, planner)
    invite(meeting, planner)
    assert len(addresses()) == 3
    late = PersonFactory(name="Nora Neu", email="nora@example.org")
    MembershipFactory(body=working_group, person=late, starts_on=timezone.localdate())
    assert meeting_invitations.catch_up(timezone.now()) == 1
    jobs.run(jobs.JobRun.objects.open().get().pk)
    assert addresses() == ["gerda@example.org", "lena@example.org", "mira@example.org", "nora@example.org"]
    assert meeting_invitations.catch_up(timezone.now()) == 0


def test_whoever_is_accepted_later_is_invited_at_once(meeting, planner, applicant, working_group):
    invite(meeting, planner)
    membership = working_group.memberships.get(state="requested")
    memberships.accept(membership, by=planner, at=timezone.now())
    jobs.run(jobs.JobRun.objects.open().get().pk)
    assert "Einladung" in mail_to("anton@example.org").subject


def test_a_worker_that_died_in_the_middle_mails_the_rest_only(meeting, planner):
    meeting_invitations.enter_members(meeting)
    Attendance.objects.filter(person__name="Mira Mitglied").update(invited_at=timezone.now())
    invite(meeting, planner)
    assert addresses() == ["gerda@example.org", "lena@example.org"]


def test_who_has_no_address_is_named_and_stops_nobody(meeting, planner, working_group, read):
    MembershipFactory(body=working_group, person=PersonFactory(name="Otto Ohne"))
    page = read("planner", f"/arbeitsbereich/sitzungen/{meeting.pk}/einladung/")
    assert "auf anderem Weg einladen:" in page
    invite(meeting, planner)
    assert len(addresses()) == 3


def test_no_invitation_without_an_agenda_or_to_what_is_over_or_off(working_group, planner):
    with pytest.raises(ValidationError, match="Tagesordnung"):
        meeting_invitations.send(MeetingFactory(body=working_group, starts_at=soon()), by=planner, at=timezone.now())
    for meeting in (MeetingFactory(body=working_group), MeetingFactory(starts_at=soon(), cancelled=True)):
        AgendaItemFactory(meeting=meeting, position=1)
        with pytest.raises(TransitionNotAllowed):
            meeting_invitations.send(meeting, by=planner, at=timezone.now())


def test_a_meeting_called_off_while_the_job_waits_invites_nobody(meeting, planner):
    job = meeting_invitations.send(meeting, by=planner, at=timezone.now())
    meetings.cancel(meeting, by=planner, reason="krank", at=timezone.now())
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, addresses()) == ("failed", [])
    assert "abgesagt" in job.error


@pytest.mark.parametrize("role", ["citizen", "member", "chair"])
def test_only_the_planning_group_invites(request, meeting, role):
    with pytest.raises(PermissionDenied):
        meeting_invitations.send(meeting, by=request.getfixturevalue(role), at=timezone.now())


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_moving_tells_the_invited_and_moves_their_calendars(meeting, planner):
    invite(meeting, planner)
    Email.objects.all().delete()
    meetings.edit(meeting, by=planner, at=timezone.now(), room="Saal 3", starts_at=soon(21), ends_at=soon(21.1))
    assert len(addresses()) == 3
    mail = mail_to("mira@example.org")
    assert mail.subject.startswith("Geändert")
    assert "Bisher geplant war" in mail.message
    [event] = Calendar.from_ical(parts_of(mail)["text/calendarREQUEST"]).walk("VEVENT")
    assert (event["SEQUENCE"], event["LOCATION"]) == (1, "Rathaus, Saal 3")


def test_a_change_that_concerns_nobody_mails_nobody(meeting, planner):
    invite(meeting, planner)
    Email.objects.all().delete()
    meetings.edit(meeting, by=planner, at=timezone.now(), access_notes="Aufzug vorhanden")
    meetings.edit(meeting, by=planner, at=timezone.now(), room="")
    assert addresses() == []


def test_before_the_invitation_a_change_mails_nobody(meeting, planner):
    meetings.edit(meeting, by=planner, at=timezone.now(), room="Saal 3")
    assert addresses() == []


def test_calling_off_recalls_the_entry_from_calendars_once(meeting, planner):
    invite(meeting, planner)
    Email.objects.all().delete()
    stale = Meeting.objects.get(pk=meeting.pk)
    meetings.cancel(meeting, by=planner, at=timezone.now(), reason="Der Saal ist gesperrt.")
    with pytest.raises(ConcurrentTransition):
        meetings.cancel(stale, by=planner, at=timezone.now(), reason="Noch einmal")
    mail = mail_to("mira@example.org")
    assert len(addresses()) == 3
    assert "Der Saal ist gesperrt." in mail.message
    calendar = Calendar.from_ical(parts_of(mail)["text/calendarCANCEL"])
    [event] = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def mine(meeting, member):
    return AttendanceFactory(meeting=meeting, person=member.person, invited_at=timezone.now())


def test_opening_the_link_answers_nothing_and_pressing_the_button_does(mine, client_of, anonymous):
    client, path = client_of(anonymous), meeting_invitations.answer_path(mine)
    page = client.get(f"{path}?antwort=nein").content.decode()
    mine.refresh_from_db()
    assert mine.answer == ""
    assert 'value="no" ' in page
    assert "checked" in page.split('value="no"')[1].split(">")[0]
    client.post(path, {"answer": "no", "excuse": "Nachtschicht"})
    mine.refresh_from_db()
    assert (mine.answer, mine.excuse, mine.deputy) == ("no", "Nachtschicht", "")


def test_an_answer_can_be_changed_and_a_deputy_needs_a_name(mine, client_of, anonymous):
    client, path = client_of(anonymous), meeting_invitations.answer_path(mine)
    client.post(path, {"answer": "yes"})
    page = client.post(path, {"answer": "deputy", "excuse": "Urlaub"}).content.decode()
    assert "wer für Sie kommt" in page
    assert "Urlaub" in page
    client.post(path, {"answer": "deputy", "deputy": "Nora Neu"})
    mine.refresh_from_db()
    assert (mine.answer, mine.deputy) == ("deputy", "Nora Neu")


def test_a_link_of_another_making_leads_nowhere(mine, client_of, anonymous):
    path = meeting_invitations.answer_path(mine)
    for wrong in (f"{path[:-2]}x/", "/sitzungen/antwort/unsinn/", path.replace("antwort/", "antwort/a")):
        assert client_of(anonymous).get(wrong).status_code == 404


@pytest.mark.parametrize(("over", "state"), [(True, "planned"), (False, "cancelled")])
def test_too_late_an_answer_is_refused_and_changes_nothing(working_group, member, client_of, anonymous, over, state):
    meeting = MeetingFactory(body=working_group, starts_at=berlin(2026, 1, 1) if over else soon(), state=state)
    row = AttendanceFactory(meeting=meeting, person=member.person, invited=True)
    path = meeting_invitations.answer_path(row)
    assert client_of(anonymous).get(path).status_code == 200
    assert client_of(anonymous).post(path, {"answer": "yes"}).status_code == 409
    row.refresh_from_db()
    assert row.answer == ""


def test_my_page_leads_to_my_answer(mine, read):
    assert meeting_invitations.answer_path(mine) in read("member", "/konto/")


def test_only_those_without_an_answer_are_reminded_and_only_once(meeting, planner):
    invite(meeting, planner)
    row = Attendance.objects.get(person__name="Mira Mitglied")
    meeting_invitations.answer(row, answer="yes", at=timezone.now())
    Email.objects.all().delete()
    assert meeting_invitations.remind(meeting, by=planner, at=timezone.now()) == 2
    assert meeting_invitations.remind(meeting, by=planner, at=timezone.now()) == 0
    assert addresses() == ["gerda@example.org", "lena@example.org"]


def test_the_schedule_reminds_shortly_before(meeting, planner):
    invite(meeting, planner)
    Email.objects.all().delete()
    assert meeting_invitations.remind_due(timezone.now()) == 0
    assert meeting_invitations.remind_due(meeting.starts_at - meeting_invitations.REMIND_BEFORE) == 3
    assert meeting_invitations.remind_due(meeting.starts_at - meeting_invitations.REMIND_BEFORE) == 0


# ── in the room ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_quorum_counts_voting_members_who_are_there(meeting, planner, working_group):
    working_group.quorum_percent = 50
    working_group.save()
    MembershipFactory(body=working_group, role="expert_support")
    meeting_invitations.enter_members(meeting)
    rows = {row.person.name: row for row in meeting.attendances.select_related("person")}
    assert (attendance.quorum(meeting).needed, attendance.quorum(meeting).members) == (1, 2)
    assert not attendance.quorum(meeting).is_met
    attendance.note(meeting, by=planner, members={rows["Mira Mitglied"].pk: "present"}, guests={})
    assert attendance.quorum(meeting).is_met


def test_a_body_without_a_rule_has_no_quorum(meeting):
    assert attendance.quorum(meeting) is None


def test_nonsense_and_other_meetings_rows_change_nothing(meeting, planner):
    other = AttendanceFactory()
    mine = AttendanceFactory(meeting=meeting)
    attendance.note(meeting, by=planner, members={other.pk: "present", mine.pk: "dancing"}, guests={})
    assert set(Attendance.objects.values_list("presence", flat=True)) == {""}


def test_a_guest_who_walks_in_is_present(meeting, planner):
    guest = attendance.add_guest(meeting, by=planner, at=meeting.starts_at, name="Willi Walk")
    assert guest.presence == "present"
    with pytest.raises(ValidationError, match="E-Mail-Adresse"):
        attendance.add_guest(meeting, by=planner, at=timezone.now(), name="Zwei", email="Gerda@example.org")


def test_the_list_for_signatures_names_everyone(meeting, planner):
    meeting_invitations.enter_members(meeting)
    content = attendance.signature_list(meeting, at=timezone.now())
    pdf.check(content, texts=["Mira Mitglied", "Lena Leitung", "Gerda Gast", "Unterschrift"])


def test_who_reads_attendance(users, meeting, working_group):
    AttendanceFactory(meeting=meeting)
    seen = {role for role, user in users.items() if Attendance.objects.visible_to(user).exists()}
    guests = {role for role, user in users.items() if Guest.objects.visible_to(user).exists()}
    assert seen == guests == {"member", "chair", "planner", "operator"}
