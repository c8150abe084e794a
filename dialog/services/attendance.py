"""Who is in the room."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from dialog.models import Attendance, Guest, Meeting, User

from . import meeting_invitations, minutes, pdf

PRESENCES = Attendance.Presence.choices


@dataclass(frozen=True)
class Quorum:
    """How many of a body's voting members must be there, and how many are."""

    present: int
    needed: int
    members: int

    @property
    def is_met(self) -> bool:
        return self.present >= self.needed


def quorum(meeting: Meeting) -> Quorum | None:
    """Whether the body can decide; None if it has no rule for that."""
    percent = meeting.body.quorum_percent
    if percent is None:
        return None
    voting = meeting.attendances.voting()
    members = voting.count()
    return Quorum(present=voting.present().count(), needed=max(1, ceil(members * percent / 100)), members=members)


@transaction.atomic
def note(meeting: Meeting, *, by: User, members: Mapping[int, str], guests: Mapping[int, str]) -> None:
    """Keeps who is there: key of the row → presence (empty: not looked yet). Unknown keys and words change nothing.

    TransitionNotAllowed for a meeting that was cancelled, or whose minutes are approved: they say who was there.
    """
    if not by.has_perm("dialog.write_minutes", meeting):
        raise PermissionDenied
    _open(meeting)
    allowed = {"", *Attendance.Presence.values}
    for model, rows in ((Attendance, members), (Guest, guests)):
        for pk, presence in rows.items():
            if presence in allowed:
                model._default_manager.filter(meeting=meeting, pk=pk).exclude(presence=presence).update(
                    presence=presence
                )


@transaction.atomic
def add_guest(
    meeting: Meeting, *, by: User, at: dt.datetime, name: str, organization: str = "", email: str = ""
) -> Guest:
    """A guest on the list; once the meeting has begun, they are there.

    ValidationError if there is a guest with that address; TransitionNotAllowed as for `note`.
    """
    if not by.has_perm("dialog.write_minutes", meeting):
        raise PermissionDenied
    _open(meeting)
    guest = Guest(
        meeting=meeting,
        name=name,
        organization=organization,
        email=email.lower(),
        presence=Guest.Presence.PRESENT if at >= meeting.starts_at else "",
        is_example=meeting.is_example,
    )
    guest.full_clean()
    guest.save()
    return guest


def announced_deputies(meeting: Meeting) -> list[Attendance | Guest]:
    """Who sends somebody else that is not on the list yet."""
    listed = set(meeting.guests.values_list("name", flat=True))
    sending = [row for row in meeting_invitations.everyone(meeting) if row.answer == row.Answer.DEPUTY]
    return [row for row in sending if row.deputy and row.deputy not in listed]


@transaction.atomic
def receive_deputy(row: Attendance | Guest, *, by: User) -> Guest:
    """Whoever `row` sends is there, as a guest; they do not vote. Who sent them is excused.

    Pressed twice, it finds the guest. TransitionNotAllowed as for `note`, and if nobody was announced.
    """
    if not by.has_perm("dialog.write_minutes", row.meeting):
        raise PermissionDenied
    _open(row.meeting)
    if row.answer != row.Answer.DEPUTY:
        raise TransitionNotAllowed("nobody was announced", object=row.meeting)
    type(row)._default_manager.filter(pk=row.pk, presence="").update(presence=row.Presence.EXCUSED)
    guest, _is_new = Guest.objects.get_or_create(
        meeting=row.meeting,
        name=row.deputy,
        defaults={
            "organization": Truncator(_("in Vertretung für %(name)s") % {"name": row.name}).chars(120),
            "presence": Guest.Presence.PRESENT,
            "is_example": row.meeting.is_example,
        },
    )
    return guest


def _open(meeting: Meeting) -> None:
    minutes.hold_open(meeting)
    if Meeting.objects.select_for_update().get(pk=meeting.pk).state == Meeting.State.CANCELLED:
        raise TransitionNotAllowed("nobody comes to a cancelled meeting", object=meeting)


def signature_list(meeting: Meeting, *, at: dt.datetime) -> bytes:
    """The list for signatures as PDF, with empty lines for those who come unannounced."""
    context = {"meeting": meeting, "people": meeting_invitations.everyone(meeting), "empty_lines": range(6)}
    title = _("Anwesenheitsliste: %(meeting)s") % {"meeting": meeting}
    return pdf.render("pdf/attendance_list.html", context, title=title, at=at)
