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
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from dialog.models import AgendaItem, Attendance, Body, Guest, JobRun, Meeting, Membership, User

from . import agenda, calendars, jobs, mails, pdf

JOB = "meeting_invitations"
#: So long before the meeting, who has not answered is reminded.
REMIND_BEFORE = dt.timedelta(days=3)

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


def everyone(meeting: Meeting) -> list[Invited]:
    """The list: members, then guests."""
    return [*meeting.attendances.select_related("person__user"), *meeting.guests.all()]


def waiting(meeting: Meeting) -> list[Invited]:
    """Whom an invitation would reach now: those with an address who did not get it yet."""
    return [row for row in everyone(meeting) if row.invited_at is None and row.addressee.mail_address]


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
        attachments=[
            *papers,
            mails.Attachment("Sitzung.ics", ics, f"text/calendar; method={method}; charset=utf-8"),
        ],
        meeting=meeting,
        answer_address=address,
        entries=agenda.timed(meeting, items_for(row)),
        **more,
    )


def items_for(row: Invited) -> list[AgendaItem]:
    """The agenda as the invited person may know it: members all of it, guests its public items."""
    items = row.meeting.agenda_items.order_by("position")
    return list(items.for_guests() if isinstance(row, Guest) else items)


def document(meeting: Meeting, *, for_guests: bool, at: dt.datetime) -> bytes:
    """The invitation with its agenda as PDF."""
    items = meeting.agenda_items.order_by("position")
    entries = agenda.timed(meeting, items.for_guests() if for_guests else items)
    title = _("Einladung: %(meeting)s") % {"meeting": meeting}
    return pdf.render("pdf/invitation.html", {"meeting": meeting, "entries": entries}, title=title, at=at)


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
    """Reminds, once, those who have not answered; returns how many that were."""
    _may_run(meeting, by)
    _still_coming(meeting, at)
    reminded = 0
    for row in everyone(meeting):
        open_rows = type(row)._default_manager.filter(pk=row.pk, answer="", reminded_at=None)
        if row.invited_at and open_rows.update(reminded_at=at):
            _mail("invitation_reminder", meeting, row, at=at)
            reminded += 1
    Meeting.objects.filter(pk=meeting.pk).update(reminded_at=at)
    return reminded


def remind_due(now: dt.datetime) -> int:
    """Reminds for all meetings that begin within `REMIND_BEFORE`; returns how many people that were."""
    soon = Meeting.objects.coming(now).filter(starts_at__gt=now, starts_at__lte=now + REMIND_BEFORE)
    due = soon.exclude(invited_at=None).filter(reminded_at=None)
    return sum(remind(meeting, by=None, at=now) for meeting in due.select_related("body"))


def _untold(meeting: Meeting) -> Iterator[Invited]:
    """Everyone invited who does not know this revision yet; from now on they count as told."""
    for row in everyone(meeting):
        told = type(row)._default_manager.filter(pk=row.pk, told_revision__lt=meeting.revision)
        if row.invited_at and told.update(told_revision=meeting.revision):
            yield row


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
