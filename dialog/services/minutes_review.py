"""The review of minutes for those who were there and have no account: a signed link that ends with the review."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from dialog.models import (
    AgendaItem,
    Attendance,
    Correction,
    Guest,
    MailPreference,
    Meeting,
    Membership,
    Minutes,
    Person,
)

from . import mails, minutes_content, steps

#: Whoever has more to say to one item than this writes a mail.
MAX_CORRECTIONS = 20

#: Without a time: the link works as long as the review lasts, also when it is made longer.
_SIGNER = signing.Signer(salt="dialog.minutes_review")


@dataclass(frozen=True)
class Access:
    """Who holds a link to the review of which minutes: a person on paper, or a guest of the meeting."""

    minutes: Minutes
    person: Person | None = None
    guest: Guest | None = None

    @property
    def name(self) -> str:
        return str(self.person or self.guest)

    @property
    def items(self) -> Any:
        """What they may read: guests the public items, members all."""
        rows = AgendaItem.objects.filter(meeting=self.minutes.meeting_id)
        return rows.for_guests() if self.guest else rows

    def content(self) -> dict[str, Any]:
        """The minutes as they may read them, with the text of whoever spoke: they were in the room."""
        content = minutes_content.full(self.minutes)
        if self.guest:
            readable = set(self.items.values_list("pk", flat=True))
            content["items"] = [item for item in content["items"] if item["key"] in readable]
            content["people"] = []
        return content


def reviewers(meeting: Meeting) -> list[Person]:
    """The members who were in the room; all members if nobody noted that."""
    rows = Attendance.objects.filter(meeting=meeting).present().select_related("person__user")
    if present := [row.person for row in rows]:
        return present
    members = Membership.objects.active().filter(body=meeting.body_id).select_related("person__user")
    return [member.person for member in members]


def guests(meeting: Meeting) -> list[Guest]:
    """The guests who were in the room and can be written to."""
    return list(meeting.guests.present().exclude(email=""))


def send(minutes: Minutes) -> None:
    """Tells all of them that the draft can be read: with an account on its page, without one by a link of their own."""
    meeting = minutes.meeting
    context: dict[str, Any] = {"minutes": minutes, "meeting": meeting}
    for person in reviewers(meeting):
        link = address(Access(minutes, person=person))
        mails.send("minutes_review", [person], category=MailPreference.Category.PAPERS, link=link, **context)
    for guest in guests(meeting):
        link = address(Access(minutes, guest=guest))
        # Guests have no preferences: they get this one mail.
        mails.send("minutes_review", [guest.addressee], category=mails.ALWAYS, link=link, **context)


def tell_answer(correction: Correction) -> None:
    """Tells whoever proposed a correction what became of it."""
    access = Access(correction.minutes, person=correction.proposer, guest=correction.guest)
    if access.person is None:
        return
    category = mails.ALWAYS if access.guest else MailPreference.Category.PAPERS
    context: dict[str, Any] = {"correction": correction, "link": address(access)}
    mails.send("minutes_correction_answered", [access.person], category=category, **context)


def path(access: Access) -> str:
    """Where the holder of `access` reads and corrects."""
    kind, pk = ("g", access.guest.pk) if access.guest else ("p", access.person.pk)  # type: ignore[union-attr]
    return reverse("minutes_review", args=[_SIGNER.sign_object([access.minutes.pk, kind, pk])])


def address(access: Access) -> str:
    """Where mails lead to: whoever has an account signs in and reads there, the others by a link of their own."""
    has_account = access.guest is None and access.person is not None and access.person.user_id
    page = reverse("minutes", args=[access.minutes.meeting_id]) if has_account else path(access)
    return urljoin(settings.BASE_URL, page)


def from_token(token: str) -> Access | None:
    """Who holds this link; None if it is not one of ours, or who it was for is gone."""
    try:
        key, kind, pk = _SIGNER.unsign_object(token)
    except signing.BadSignature:
        return None
    minutes = Minutes.objects.select_related("meeting__body").filter(pk=key).first()
    if minutes is None:
        return None
    if kind == "g":
        guest = Guest.objects.filter(pk=pk, meeting=minutes.meeting_id).first()
        return Access(minutes, guest=guest) if guest else None
    person = Person.objects.filter(pk=pk).first()
    return Access(minutes, person=person) if person else None


@transaction.atomic
def propose(access: Access, item: AgendaItem, *, text: str, at: dt.datetime) -> Correction:
    """A correction from the holder of a link. TransitionNotAllowed outside the review, ValidationError without text."""
    if not access.items.filter(pk=item.pk).exists():
        raise ValidationError(_("Diesen Punkt gibt es nicht."))
    rows = Correction.objects.filter(minutes=access.minutes, person=access.person, guest=access.guest)
    if rows.filter(agenda_item=item).count() >= MAX_CORRECTIONS:
        raise ValidationError(
            {"text": _("Zu diesem Punkt haben Sie schon viele Vorschläge gemacht. Bitte schreiben Sie uns.")}
        )
    return keep(access.minutes, item, text=text, at=at, person=access.person, guest=access.guest)


def keep(minutes: Minutes, item: AgendaItem, *, text: str, at: dt.datetime, by: Any = None, **whose: Any) -> Correction:
    """Stores a correction during the review. TransitionNotAllowed before and after it, ValidationError without text."""
    current = Minutes.objects.select_for_update(of=("self",)).get(pk=minutes.pk)
    if not current.takes_corrections_on(timezone.localdate(at)):
        raise TransitionNotAllowed("corrections are proposed during the review", object=current)
    if not text.strip():
        raise ValidationError({"text": _("Bitte schreiben Sie, was anders stehen soll.")})
    correction = Correction.objects.create(
        minutes=current, agenda_item=item, text=text.strip(), proposed_by=by, proposed_at=at, **whose
    )
    steps.record(correction, "propose", by=by, at=at)
    return correction
