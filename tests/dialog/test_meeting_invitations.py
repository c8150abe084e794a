"""Invitations: who gets what, once; answers, reminders, changes and recalls."""

import datetime as dt
import email
import html
import io
import re

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
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
    MinutesFactory,
    PersonFactory,
    TaskFactory,
    UserFactory,
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


def test_the_mail_is_read_before_it_goes_out_as_members_and_as_guests_get_it(meeting, planner, client_of):
    page = reverse("workspace_meeting_invitation", args=[meeting.pk])
    shown = client_of(planner).get(page)
    members, guests = shown.context["mails"]
    assert members[2] in html.unescape(shown.content.decode())
    invite(meeting, planner)
    for address, name, (_summary, subject, text) in (
        ("mira@example.org", "Mira Mitglied", members),
        ("gerda@example.org", "Gerda Gast", guests),
    ):
        mail = mail_to(address)
        without_link = re.sub(
            r"http://[^ ]+/sitzungen/antwort/[^?]+", "http://127.0.0.1:8000/[persönlicher Link]", mail.message
        )
        assert (subject, text.replace("[Name]", name)) == (mail.subject, without_link)
    assert "Mietschulden" in members[2]
    assert "Mietschulden" not in guests[2]


@pytest.mark.parametrize(
    ("state", "told"),
    [("draft", set()), ("in_review", {"mira@example.org"}), ("published", {"mira@example.org", "gerda@example.org"})],
)
def test_the_last_minutes_are_linked_for_whoever_may_read_them(meeting, planner, working_group, state, told):
    earlier = MeetingFactory(body=working_group, starts_at=soon(-30), held=True)
    MeetingFactory(body=working_group, starts_at=soon(-10), cancelled=True)
    MinutesFactory(meeting=earlier, **{"published": True} if state == "published" else {"state": state})
    invite(meeting, planner)
    address = f"http://127.0.0.1:8000/sitzungen/{earlier.pk}/niederschrift/"
    for reader in ("mira@example.org", "gerda@example.org"):
        mail = mail_to(reader)
        assert (address in mail.message) == (reader in told), reader
        paper = "".join(text_of_pdf(parts_of(mail)["application/pdf"]).split())
        assert (f"/sitzungen/{earlier.pk}/niederschrift/" in paper) == (reader in told), reader


def test_open_tasks_come_back_with_each_invitation_until_they_are_done_and_only_to_members(
    meeting, planner, working_group, read
):
    TaskFactory(body=working_group, title="Lampen zählen", assignee=PersonFactory(name="Anna Auftrag"))
    TaskFactory(body=working_group, title="Schon fertig", done_on=timezone.localdate())
    listed = TaskFactory(body=working_group, title="Steht schon darauf")
    AgendaItemFactory(meeting=meeting, position=3, title="Bericht", about=listed)
    TaskFactory(title="Fremder Auftrag")
    invite(meeting, planner)
    for reader, is_told in (("mira@example.org", True), ("gerda@example.org", False)):
        mail = mail_to(reader)
        for text in (mail.message, text_of_pdf(parts_of(mail)["application/pdf"])):
            assert ("Lampen zählen" in text) == is_told
            assert ("Anna Auftrag" in text) == is_told
            assert not [title for title in ("Schon fertig", "Steht schon", "Fremder Auftrag") if title in text]
    assert "Lampen zählen" in read("member", meeting.get_absolute_url())
    assert "Lampen zählen" not in read("anonymous", meeting.get_absolute_url())


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


@pytest.mark.parametrize("way", ["leave", "end"])
def test_whoever_leaves_is_off_the_list_at_once(
    meeting, planner, chair, member, working_group, client_of, anonymous, way
):
    begun = AttendanceFactory(meeting=MeetingFactory(body=working_group, held=True), person=member.person)
    invite(meeting, planner)
    link = meeting_invitations.answer_path(meeting.attendances.get(person=member.person))
    membership = member.person.memberships.get(body=working_group)
    if way == "leave":
        memberships.leave(membership, by=member, at=timezone.now())
    else:
        memberships.end(membership, by=planner, reason="Umzug.", at=timezone.now())
    meetings.edit(meeting, by=planner, at=timezone.now(), video_url="https://video.example/geheim")
    meeting_invitations.remind(meeting, by=planner, at=timezone.now())
    assert "geheim" not in " ".join(mail.message for mail in Email.objects.filter(to="mira@example.org"))
    assert "geheim" in mail_to("lena@example.org").message
    assert client_of(anonymous).get(link).status_code == 404
    assert list(meeting.attendances.values_list("person", flat=True)) == [chair.person.pk]
    assert Attendance.objects.filter(pk=begun.pk).exists()


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


def test_who_was_invited_by_letter_is_noted_once_and_gets_no_mail(meeting, planner, working_group, client_of):
    MembershipFactory(body=working_group, person=PersonFactory(name="Otto Ohne"))
    address = f"/arbeitsbereich/sitzungen/{meeting.pk}/einladung/"
    browser = client_of(planner)
    browser.get(address)
    page = browser.post(address, {"noted": "1"}, follow=True).content.decode()
    assert "Eine Person ist als eingeladen vermerkt." in page
    assert "auf anderem Weg einladen:" not in page
    noted = Attendance.objects.get(meeting=meeting, person__name="Otto Ohne").invited_at
    assert noted is not None
    meeting.refresh_from_db()
    # The mails are still to be sent, and the workspace goes on saying so.
    assert meeting.invited_at is None
    browser.post(address, {"noted": "1"})
    invite(meeting, planner)
    assert Attendance.objects.get(meeting=meeting, person__name="Otto Ohne").invited_at == noted
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


@pytest.mark.parametrize("way", ["move", "cancel"])
def test_who_was_invited_by_letter_is_to_be_told_in_another_way_until_that_is_noted(meeting, planner, client_of, way):
    GuestFactory(meeting=meeting, name="Pia Post", email="")
    invite(meeting, planner)
    meeting_invitations.note_sent(meeting, meeting_invitations.without_address(meeting), by=planner, at=timezone.now())
    meetings.edit(meeting, by=planner, at=timezone.now(), access_notes="Aufzug vorhanden")
    assert meeting_invitations.uninformed(meeting) == []
    if way == "move":
        meetings.edit(meeting, by=planner, at=timezone.now(), room="Saal 3")
        meetings.edit(meeting, by=planner, at=timezone.now(), access_notes="")
    else:
        meetings.cancel(meeting, by=planner, reason="krank", at=timezone.now())
    assert [row.name for row in meeting_invitations.uninformed(meeting)] == ["Pia Post"]
    browser = client_of(planner)
    page = reverse("workspace_meeting_invitation", args=[meeting.pk])
    for address in (page, reverse("workspace_meeting", args=[meeting.pk])):
        assert "auf anderem Weg von der" in browser.get(address).content.decode()
    assert "Eine Person weiß Bescheid" in browser.post(page, {"told": "1"}, follow=True).content.decode()
    assert "auf anderem Weg von der" not in browser.get(page).content.decode()
    with pytest.raises(PermissionDenied):
        meeting_invitations.note_told(meeting, [], by=PersonFactory(user=UserFactory()).user)


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


@pytest.mark.parametrize(("is_public", "role", "told"), [
    (True, "anonymous", True), (False, "anonymous", False), (False, "citizen", False), (False, "member", True),
])  # fmt: skip
def test_the_refusal_tells_how_things_stand_to_those_who_may_see_the_meeting(
    request, working_group, member, client_of, is_public, role, told
):
    meeting = MeetingFactory(body=working_group, starts_at=soon(), state="cancelled", is_public=is_public)
    row = AttendanceFactory(meeting=meeting, person=member.person, invited=True)
    browser = client_of(request.getfixturevalue(role))
    page = browser.post(meeting_invitations.answer_path(row), {"answer": "yes"}).content.decode()
    assert ("Stand jetzt: <strong>abgesagt</strong>" in page) == told
    assert (meeting.get_absolute_url() in page) == told


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


def test_latecomers_are_reminded_too_but_not_within_hours_and_nobody_on_paper(meeting, planner):
    GuestFactory(meeting=meeting, name="Pia Post", email="", invited_at=timezone.now())
    invite(meeting, planner)
    day = meeting.starts_at - meeting_invitations.REMIND_BEFORE
    assert meeting_invitations.remind(meeting, by=planner, at=day) == 3
    GuestFactory(meeting=meeting, email="late@example.org", invited_at=day)
    assert meeting_invitations.remind_due(day + dt.timedelta(hours=1)) == 0
    assert meeting_invitations.remind_due(day + dt.timedelta(days=1)) == 1
    assert mail_to("late@example.org").subject.startswith("Kommen Sie?")
    assert Guest.objects.get(name="Pia Post").reminded_at is None


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


def test_an_announced_deputy_is_let_in_with_one_button_and_does_not_vote(meeting, planner, client_of, member, chair):
    meeting.body.quorum_percent = 100
    meeting.body.save()
    meeting_invitations.enter_members(meeting)
    row, other = (meeting.attendances.get(person=user.person) for user in (member, chair))
    meeting_invitations.answer(row, answer="deputy", deputy="Nora Neu", at=timezone.now())
    browser, page = client_of(planner), reverse("workspace_attendance", args=[meeting.pk])
    assert "Nora Neu für Mira Mitglied" in browser.get(page).content.decode()
    ticked = {f"member-{other.pk}": "present", "deputy": "Nora Neu"}
    assert browser.post(page, ticked).status_code == 302
    assert browser.post(page, ticked).status_code == 302
    guest = meeting.guests.get(name="Nora Neu")
    assert (guest.presence, guest.organization) == ("present", "in Vertretung für Mira Mitglied")
    assert dict(meeting.attendances.values_list("person", "presence")) == {
        member.person.pk: "excused",
        chair.person.pk: "present",
    }
    assert "Vertretung ist da" not in browser.get(page).content.decode()
    assert attendance.quorum(meeting) == attendance.Quorum(present=1, needed=2, members=2)
    with pytest.raises(PermissionDenied):
        attendance.receive_deputy(Attendance.objects.get(pk=row.pk), by=member)
    with pytest.raises(TransitionNotAllowed):
        attendance.receive_deputy(other, by=planner)


def test_the_list_for_signatures_names_everyone(meeting, planner):
    meeting_invitations.enter_members(meeting)
    content = attendance.signature_list(meeting, at=timezone.now())
    pdf.check(content, texts=["Mira Mitglied", "Lena Leitung", "Gerda Gast", "Unterschrift"])


def test_who_reads_attendance(users, meeting, working_group):
    AttendanceFactory(meeting=meeting)
    seen = {role for role, user in users.items() if Attendance.objects.visible_to(user).exists()}
    guests = {role for role, user in users.items() if Guest.objects.visible_to(user).exists()}
    assert seen == guests == {"member", "chair", "planner", "operator"}
