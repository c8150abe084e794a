"""Inviting to a meeting: who is asked, what they get, what they answer, and telling them of changes.

Every row of the attendance list says whether its person was invited and of which revision of the meeting they know.
The row is claimed in the transaction that writes the mail, so nobody is told the same thing twice, however often
somebody clicks and whenever a worker dies.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from dialog.models import AgendaItem, Attendance, Body, Guest, JobRun, Meeting, Membership, Minutes, Person, Task, User

from . import agenda, calendars, jobs, mails, pdf

JOB = "meeting_invitations"
#: So long before the meeting, who has not answered is reminded.
REMIND_BEFORE = dt.timedelta(days=3)
#: So long after their invitation nobody is reminded by the schedule.
TIME_TO_ANSWER = dt.timedelta(hours=12)

#: Without a time: the link of a mail stays the same and ends with the meeting.
_SIGNER = signing.Signer(salt="dialog.meeting_invitation")
_KINDS: dict[str, type[Attendance] | type[Guest]] = {"a": Attendance, "g": Guest}

Invited = Attendance | Guest


# ── who is asked ────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def enter_members(meeting: Meeting) -> None:
    """Puts the body's members on the list; who left before being invited is taken off."""
    day = timezone.localdate(meeting.starts_at)
    members = {m.person_id: m for m in Membership.objects.active().filter(body=meeting.body_id, starts_on__lte=day)}
    known = set(meeting.attendances.values_list("person_id", flat=True))
    Attendance.objects.bulk_create(
        [
            Attendance(meeting=meeting, person_id=pk, role=membership.role, is_example=meeting.is_example)
            for pk, membership in members.items()
            if pk not in known
        ],
        ignore_conflicts=True,
    )
    untouched = meeting.attendances.filter(invited_at=None, presence="", answer="")
    untouched.exclude(person__in=members).delete()


def take_off(person: Person, body: Body, *, at: dt.datetime) -> None:
    """Takes somebody who left `body` off the lists of its meetings to come; with the row go link, reminder and vote."""
    Attendance.objects.filter(person=person, meeting__body=body, meeting__starts_at__gt=at).delete()


def everyone(meeting: Meeting) -> list[Invited]:
    """The list: members, then guests."""
    return [*meeting.attendances.select_related("person__user"), *meeting.guests.all()]


def waiting(meeting: Meeting) -> list[Invited]:
    """Whom an invitation would reach now: those with an address who did not get it yet."""
    return [row for row in everyone(meeting) if row.invited_at is None and row.addressee.mail_address]


def without_address(meeting: Meeting) -> list[Invited]:
    """Whom no mail reaches and nobody has invited in another way yet."""
    return [row for row in everyone(meeting) if row.invited_at is None and not row.addressee.mail_address]


def uninformed(meeting: Meeting) -> list[Invited]:
    """Whom no mail reaches and who does not know yet what changed since their invitation, or that it is off."""
    return [row for row in everyone(meeting) if _knows_less(row, meeting) and not row.addressee.mail_address]


def _knows_less(row: Invited, meeting: Meeting) -> bool:
    return row.invited_at is not None and row.told_revision < meeting.revision


def _may_run(meeting: Meeting, by: User | None) -> None:
    if by is not None and not by.has_perm("dialog.run_meeting", meeting):
        raise PermissionDenied


# ── sending ─────────────────────────────────────────────────────────────────────────────────────────────


def send(meeting: Meeting, *, by: User | None, at: dt.datetime) -> JobRun:
    """Invites everyone who is not invited yet, as a job.

    TransitionNotAllowed for a meeting that has begun or is off; ValidationError without an agenda.
    """
    _may_run(meeting, by)
    _still_coming(meeting, at)
    if not meeting.agenda_items.exists():
        raise ValidationError(_("Bitte stellen Sie zuerst die Tagesordnung auf."))
    return jobs.start(
        JOB,
        key=f"{JOB}:{meeting.pk}",
        title=_("Einladungen: %(meeting)s") % {"meeting": meeting},
        owner=by,
        at=at,
        parameters={"meeting": meeting.pk},
    )


def _still_coming(meeting: Meeting, at: dt.datetime) -> None:
    if meeting.state != Meeting.State.PLANNED or meeting.starts_at <= at:
        raise TransitionNotAllowed("the meeting has begun or is off", object=meeting)


@jobs.handler(JOB)
def _send(run: jobs.Run) -> None:
    meeting = Meeting.objects.select_related("body").get(pk=run.parameters["meeting"])
    at = timezone.now()
    try:
        _still_coming(meeting, at)
    except TransitionNotAllowed:
        raise jobs.Refused(
            _("Die Sitzung hat schon begonnen oder ist abgesagt; es wurde niemand eingeladen.")
        ) from None
    enter_members(meeting)
    rows = waiting(meeting)
    run.plan(len(rows) + 1)
    run.step(_("Die Einladung wird gesetzt"))
    papers: dict[bool, mails.Attachment] = {}
    for row in rows:
        run.step(_("Einladung an %(name)s") % {"name": row.name})
        is_guest = isinstance(row, Guest)
        if is_guest not in papers:
            papers[is_guest] = mails.Attachment(
                "Einladung.pdf", document(meeting, for_guests=is_guest, at=at), "application/pdf"
            )
        _invite(meeting, row, paper=papers[is_guest], at=at)
    with run.finishing(result_url=reverse("workspace_meeting_invitation", args=[meeting.pk])):
        Meeting.objects.filter(pk=meeting.pk, invited_at=None).update(invited_at=at)


@transaction.atomic
def _invite(meeting: Meeting, row: Invited, *, paper: mails.Attachment, at: dt.datetime) -> None:
    if Meeting.objects.select_for_update().get(pk=meeting.pk).revision != meeting.revision:
        raise jobs.Refused(
            _("Die Sitzung wurde inzwischen geändert. Bitte starten Sie die übrigen Einladungen noch einmal.")
        )
    claimed = type(row)._default_manager.filter(pk=row.pk, invited_at=None)
    if claimed.update(invited_at=at, told_revision=meeting.revision):
        _mail("invitation", meeting, row, at=at, papers=[paper])


@transaction.atomic
def note_sent(meeting: Meeting, rows: Iterable[Invited], *, by: User | None, at: dt.datetime) -> int:
    """Notes that these people of the list have the invitation in another way than by mail: as a letter, or by hand.

    Who is invited already stays as they are; the meeting counts as invited to when no mail is left to send. Returns
    how many people that were; TransitionNotAllowed as for `send`.
    """
    _may_run(meeting, by)
    _still_coming(meeting, at)
    noted = 0
    for row in rows:
        uninvited = type(row)._default_manager.filter(pk=row.pk, meeting=meeting, invited_at=None)
        noted += uninvited.update(invited_at=at, told_revision=meeting.revision)
    if not waiting(meeting):
        Meeting.objects.filter(pk=meeting.pk, invited_at=None).update(invited_at=at)
    return noted


@transaction.atomic
def note_told(meeting: Meeting, rows: Iterable[Invited], *, by: User | None) -> int:
    """Notes that these people of the list know how `meeting` stands now, in another way than by mail.

    Returns how many did not know.
    """
    _may_run(meeting, by)
    return sum(_claim_telling(row, meeting) for row in rows)


def _claim_telling(row: Invited, meeting: Meeting) -> int:
    untold = type(row)._default_manager.filter(pk=row.pk, meeting=meeting, told_revision__lt=meeting.revision)
    return untold.exclude(invited_at=None).update(told_revision=meeting.revision)


def _mail(
    name: str, meeting: Meeting, row: Invited, *, at: dt.datetime, papers: Iterable[mails.Attachment] = (), **more: Any
) -> None:
    recalled = meeting.state == Meeting.State.CANCELLED
    address = answer_address(row)
    ics = (calendars.recall if recalled else calendars.invitation)(
        meeting,
        name=row.name,
        address=row.addressee.mail_address,
        text="" if recalled else _("Ihre Antwort: %(address)s") % {"address": address},
        at=at,
    )
    method = "CANCEL" if recalled else "REQUEST"
    mails.send(
        name,
        [row.addressee],
        category=mails.ALWAYS,
        attachments=[
            *papers,
            mails.Attachment("Sitzung.ics", ics, f"text/calendar; method={method}; charset=utf-8"),
        ],
        answer_address=address,
        **_contents(meeting, for_guests=isinstance(row, Guest)),
        **more,
    )


def _contents(meeting: Meeting, *, for_guests: bool) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "entries": agenda.timed(meeting, _items(meeting, for_guests=for_guests)),
        **_beside_the_agenda(meeting, for_guests=for_guests),
    }


def preview(meeting: Meeting, *, for_guests: bool) -> tuple[str, str]:
    """Subject and text of the invitation as members or guests get it, with nobody's name and link."""
    nobody = Person(name=_("[Name]"), language=get_language() or "")
    address = urljoin(settings.BASE_URL, _("[persönlicher Link]"))
    return mails.compose("invitation", nobody, answer_address=address, **_contents(meeting, for_guests=for_guests))


def items_for(row: Invited) -> list[AgendaItem]:
    """The agenda as the invited person may know it: members all of it, guests its public items."""
    return _items(row.meeting, for_guests=isinstance(row, Guest))


def _items(meeting: Meeting, *, for_guests: bool) -> list[AgendaItem]:
    items = meeting.agenda_items.order_by("position")
    return list(items.for_guests() if for_guests else items)


def _beside_the_agenda(meeting: Meeting, *, for_guests: bool) -> dict[str, Any]:
    """What an invitation says besides the agenda: the last minutes, which guests read once everyone may, and, for
    members alone, the tasks that are still open.
    """
    if for_guests:
        public = Minutes.objects.visible_to(AnonymousUser())
        return {"last_minutes": agenda.last_minutes(meeting, public), "open_tasks": []}
    return {
        "last_minutes": agenda.last_minutes(meeting, Minutes.objects.for_members()),
        "open_tasks": agenda.open_tasks(meeting, Task.objects.all()),
    }


def document(meeting: Meeting, *, for_guests: bool, at: dt.datetime) -> bytes:
    """The invitation with its agenda as PDF."""
    title = _("Einladung: %(meeting)s") % {"meeting": meeting}
    context = {"made_at": at, "contact": settings.CONTACT_EMAIL, **_contents(meeting, for_guests=for_guests)}
    return pdf.render("pdf/invitation.html", context, title=title, at=at)


# ── later ───────────────────────────────────────────────────────────────────────────────────────────────


def catch_up(now: dt.datetime, body: Body | None = None) -> int:
    """Invites who joined after the invitations went out; returns how many meetings that concerned."""
    meetings = Meeting.objects.coming(now).exclude(invited_at=None).filter(starts_at__gt=now)
    if body is not None:
        meetings = meetings.filter(body=body)
    late = 0
    for meeting in meetings.select_related("body"):
        enter_members(meeting)
        if waiting(meeting):
            send(meeting, by=None, at=now)
            late += 1
    return late


@transaction.atomic
def remind(meeting: Meeting, *, by: User | None, at: dt.datetime) -> int:
    """Reminds, once, those who have not answered and whom a mail reaches; returns how many that were."""
    _may_run(meeting, by)
    _still_coming(meeting, at)
    return _remind(meeting, to_remind(meeting), at=at)


def to_remind(meeting: Meeting) -> list[Invited]:
    """Invited, without an answer, not reminded yet, and a mail reaches them."""
    open_rows = [row for row in everyone(meeting) if row.invited_at and not row.answer and not row.reminded_at]
    return [row for row in open_rows if row.addressee.mail_address]


def _remind(meeting: Meeting, rows: Iterable[Invited], *, at: dt.datetime) -> int:
    reminded = 0
    for row in rows:
        if type(row)._default_manager.filter(pk=row.pk, answer="", reminded_at=None).update(reminded_at=at):
            _mail("invitation_reminder", meeting, row, at=at)
            reminded += 1
    return reminded


def remind_due(now: dt.datetime) -> int:
    """Reminds for all meetings that begin within `REMIND_BEFORE`; returns how many people that were."""
    soon = Meeting.objects.coming(now).filter(starts_at__gt=now, starts_at__lte=now + REMIND_BEFORE)
    reminded = 0
    for meeting in soon.filter(state=Meeting.State.PLANNED).select_related("body"):
        rested = [row for row in to_remind(meeting) if row.invited_at and row.invited_at <= now - TIME_TO_ANSWER]
        with transaction.atomic():
            reminded += _remind(meeting, rested, at=now)
    return reminded


def _untold(meeting: Meeting) -> Iterator[Invited]:
    """Everyone invited whom a mail reaches and who does not know this revision yet; from now on they count as told."""
    for row in everyone(meeting):
        if row.addressee.mail_address and _claim_telling(row, meeting):
            yield row


def pass_over(meeting: Meeting) -> None:
    """The newest revision concerns nobody who is invited: whoever knew the one before knows this one."""
    for model in _KINDS.values():
        known = model._default_manager.filter(meeting=meeting, told_revision=meeting.revision - 1)
        known.update(told_revision=meeting.revision)


@transaction.atomic
def tell_change(meeting: Meeting, *, before: dict[str, Any], changed: list[str], at: dt.datetime) -> None:
    """Tells the invited what changed; their calendars move the meeting."""
    for row in _untold(meeting):
        _mail("invitation_changed", meeting, row, at=at, before=before, changed=changed)


@transaction.atomic
def tell_cancelled(meeting: Meeting, *, at: dt.datetime) -> None:
    """Tells the invited that the meeting is off; their calendars drop it."""
    for row in _untold(meeting):
        _mail("invitation_cancelled", meeting, row, at=at)


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────


def answer_address(row: Invited) -> str:
    """Where this person answers, without signing in: the signed link is for this person and meeting alone."""
    return urljoin(settings.BASE_URL, answer_path(row))


def answer_path(row: Invited) -> str:
    """The same as a path."""
    kind = "g" if isinstance(row, Guest) else "a"
    return reverse("meeting_answer", args=[_SIGNER.sign_object([kind, row.pk])])


def from_token(token: str) -> Invited | None:
    """Who holds this link; None if it is not one of ours, or they are no longer on the list."""
    try:
        kind, pk = _SIGNER.unsign_object(token)
    except signing.BadSignature:
        return None
    return _KINDS[kind]._default_manager.select_related("meeting__body").filter(pk=pk).first()


@transaction.atomic
def answer(row: Invited, *, answer: str, at: dt.datetime, excuse: str = "", deputy: str = "") -> None:
    """Keeps the answer of somebody invited; a later one replaces it.

    ValidationError for a deputy without a name; TransitionNotAllowed once the meeting has begun or is off.
    """
    meeting = Meeting.objects.select_for_update().get(pk=row.meeting_id)
    _still_coming(meeting, at)
    if answer not in row.Answer.values:
        raise ValidationError({"answer": _("Bitte wählen Sie eine Antwort.")})
    if answer == row.Answer.DEPUTY and not deputy.strip():
        raise ValidationError({"deputy": _("Bitte nennen Sie, wer für Sie kommt.")})
    row.answer, row.answered_at = answer, at
    row.excuse = "" if answer == row.Answer.YES else excuse.strip()
    row.deputy = deputy.strip() if answer == row.Answer.DEPUTY else ""
    row.save(update_fields=["answer", "answered_at", "excuse", "deputy"])
