"""Joining a body, belonging to it, leaving it."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Body, MailPreference, Membership, Organization, Person, Seat, Term, User

from . import mails, meeting_invitations, people, steps

#: A body is led by one person or two.
CHAIRS = 2

REQUESTS = MailPreference.Category.REQUESTS


def request(
    body: Body,
    *,
    by: User,
    at: dt.datetime,
    message: str = "",
    organization: Organization | None = None,
    name_public: bool = False,
) -> Membership:
    """A citizen asks to join; whoever decides, and the citizen, get a mail.

    Raises ValidationError if the body takes nobody or there is an open request or membership already.
    """
    if not body.is_open:
        raise ValidationError(body.closed_reason or _("Dieses Gremium nimmt zurzeit keine neuen Mitglieder auf."))
    person = people.of(by)
    already = ValidationError(_("Sie haben schon einen Antrag gestellt oder sind bereits Mitglied."))
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                body=body,
                person=person,
                organization=organization,
                message=message,
                name_public=name_public,
                name_public_at=at,
                requested_at=at,
                is_example=person.is_example,
            )
    except IntegrityError:
        raise already from None
    steps.record(membership, "request", by=by, at=at)
    mails.send("membership_requested", [person], category=mails.ALWAYS, membership=membership)
    mails.send("membership_to_decide", deciders(body), category=REQUESTS, membership=membership)
    return membership


def set_admission(body: Body, *, is_open: bool, closed_reason: str, by: User) -> None:
    """Opens a working group for new members, or closes it and says why; who has asked already keeps their request.

    PermissionDenied; ValidationError for a closed group without a reason, and for a body that nobody can ask to join.
    """
    if not by.has_perm("dialog.open_body", body):
        raise PermissionDenied
    if not body.can_be_open:
        raise ValidationError(_("Einen Antrag auf Aufnahme gibt es nur in Arbeitsgruppen, die noch arbeiten."))
    if not is_open and not closed_reason.strip():
        raise ValidationError({"closed_reason": _("Bitte nennen Sie den Grund; er steht auf der Seite der Gruppe.")})
    reason = "" if is_open else closed_reason.strip()
    Body.objects.filter(pk=body.pk).update(is_open=is_open, closed_reason=reason)


def deciders(body: Body) -> list[Person]:
    """Who decides on requests to join `body`: its chair and deputies, else the planning group."""
    active = Membership.objects.active().select_related("person__user")
    led = [m.person for m in active.filter(body=body, role__in=[Membership.Role.CHAIR, Membership.Role.DEPUTY])]
    reachable = [person for person in led if person.user]
    if reachable:
        return reachable
    planners = active.filter(body__kind=Body.Kind.PLANNING_GROUP)
    return [m.person for m in planners if m.person.user]


@transaction.atomic
def accept(membership: Membership, *, by: User | None, at: dt.datetime) -> None:
    """The applicant becomes a member, gets a mail, and the invitations that are already out."""
    steps.take(membership, "accept", by=by, at=at, on=timezone.localdate(at))
    mails.send("membership_accepted", [membership.person], category=mails.ALWAYS, membership=membership)
    meeting_invitations.catch_up(at, membership.body)


@transaction.atomic
def decline(membership: Membership, *, by: User | None, reason: str, at: dt.datetime) -> None:
    """The applicant gets a mail with the reason. ValidationError without one."""
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte nennen Sie den Grund; die Person liest ihn in ihrer Nachricht.")})
    steps.take(membership, "decline", by=by, at=at, note=reason, reason=reason)
    mails.send("membership_declined", [membership.person], category=mails.ALWAYS, membership=membership)


@transaction.atomic
def withdraw(membership: Membership, *, by: User, at: dt.datetime) -> None:
    """The applicant takes the request back."""
    steps.take(membership, "withdraw", by=by, at=at)


@transaction.atomic
def leave(membership: Membership, *, by: User, at: dt.datetime, successor: Membership | None = None) -> None:
    """A member leaves, also the lists of meetings to come; the chair (or the planning group) gets a mail.

    A chair may say who follows.
    """
    steps.take(membership, "leave", by=by, at=at, on=_last_day(membership, at))
    _follow(membership, successor, by=by, at=at)
    meeting_invitations.take_off(membership.person, membership.body, at=at)
    mails.send("membership_left", deciders(membership.body), category=REQUESTS, membership=membership)


@transaction.atomic
def end(
    membership: Membership,
    *,
    by: User | None,
    reason: str,
    at: dt.datetime,
    successor: Membership | None = None,
) -> None:
    """The planning group ends a membership, says why and, for a chair, who follows; the member gets a mail."""
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte nennen Sie den Grund.")})
    steps.take(membership, "end", by=by, at=at, note=reason, on=_last_day(membership, at), reason=reason)
    _follow(membership, successor, by=by, at=at)
    meeting_invitations.take_off(membership.person, membership.body, at=at)
    mails.send("membership_ended", [membership.person], category=mails.ALWAYS, membership=membership)


def possible_successors(membership: Membership) -> list[Membership]:
    """Who could lead the body when this membership ends: its other members; empty unless it is the only chair's."""
    if membership.role != Membership.Role.CHAIR:
        return []
    others = Membership.objects.active().filter(body=membership.body).exclude(pk=membership.pk)
    if others.filter(role=Membership.Role.CHAIR).exists():
        return []
    return list(others.select_related("person").order_by("person__name"))


def led_alone(person: Person) -> list[Membership]:
    """The memberships of `person` that leave a body without a lead when they end, though somebody could follow."""
    led = Membership.objects.active().filter(person=person, role=Membership.Role.CHAIR).select_related("body")
    return [membership for membership in led if possible_successors(membership)]


def _follow(membership: Membership, successor: Membership | None, *, by: User | None, at: dt.datetime) -> None:
    if successor is None:
        return
    if successor.pk not in {other.pk for other in possible_successors(membership)}:
        raise ValidationError({"successor": _("Diese Person kann die Leitung nicht übernehmen.")})
    _change(successor, role=Membership.Role.CHAIR, organization=successor.organization, by=by, at=at)


@transaction.atomic
def change(
    membership: Membership,
    *,
    role: str,
    organization: Organization | None,
    by: User | None,
    at: dt.datetime,
    seat: Seat | None = None,
    successor: Membership | None = None,
) -> None:
    """Gives an active membership another role, institution or seat; what it was becomes a past term.

    `successor` leads the body from now on, if the only chair gets another role. PermissionDenied; ValidationError if
    the body would have more chairs or a seat more holders than it can, or `successor` follows nobody.
    """
    if by is not None and not by.has_perm("dialog.change_membership", membership):
        raise PermissionDenied
    if successor and role == Membership.Role.CHAIR:
        raise ValidationError({"successor": _("Hier behält die Person die Leitung; niemand übernimmt sie.")})
    _follow(membership, successor, by=by, at=at)
    _change(membership, role=role, organization=organization, by=by, at=at)
    if seat != membership.seat:
        check_seat(membership.body, seat)
        membership.seat = seat
        membership.save()
        steps.record(membership, "take_seat", by=by, at=at, note=str(seat or ""))


def _change(
    membership: Membership, *, role: str, organization: Organization | None, by: User | None, at: dt.datetime
) -> None:
    if membership.state != Membership.State.ACTIVE:
        raise ValidationError(_("Diese Mitgliedschaft ist nicht mehr aktiv."))
    if (role, organization) == (membership.role, membership.organization):
        return
    if role != membership.role:
        check_role(membership.body, role)
    before, today = membership.get_role_display(), timezone.localdate(at)
    since = membership.role_since
    if since and since < today:
        Term.objects.create(
            membership=membership,
            role=membership.role,
            organization=membership.organization,
            starts_on=since,
            ends_on=today,
        )
    membership.role, membership.organization = role, organization
    membership.save()
    note = _("Rolle: %(before)s → %(after)s") % {"before": before, "after": membership.get_role_display()}
    steps.record(membership, "change_role", by=by, at=at, note=note)


def check_role(body: Body, role: str) -> None:
    """ValidationError if nobody more can have this role in `body`: it has one chair or two. Call in a transaction."""
    if role != Membership.Role.CHAIR:
        return
    # Locked, so that two appointments cannot both find a place.
    Body.objects.select_for_update().get(pk=body.pk)
    if Membership.objects.active().filter(body=body, role=role).count() >= CHAIRS:
        raise ValidationError(
            {"role": _("Das Gremium hat schon zwei Personen in der Leitung. Ändern Sie zuerst deren Rolle.")}
        )


def check_seat(body: Body, seat: Seat | None) -> None:
    """ValidationError if `seat` is another body's or has no vacant place. Call in a transaction."""
    if seat is None:
        return
    if seat.body_id != body.pk:
        raise ValidationError({"seat": _("Dieser Sitz gehört zu einem anderen Gremium.")})
    Seat.objects.select_for_update().get(pk=seat.pk)
    if seat.places is not None and seat.memberships.active().count() >= seat.places:
        raise ValidationError({"seat": _("Dieser Sitz ist schon besetzt.")})


@transaction.atomic
def set_name_public(membership: Membership, public: bool, *, by: User, at: dt.datetime) -> None:
    """Gives or takes back the consent to be named; only the person themselves can. PermissionDenied otherwise."""
    if membership.person.user_id != by.pk:
        raise PermissionDenied
    if (
        Membership.objects.filter(pk=membership.pk)
        .exclude(name_public=public)
        .update(name_public=public, name_public_at=at)
    ):
        steps.record(membership, "consent" if public else "revoke_consent", by=by, at=at)


def _last_day(membership: Membership, at: dt.datetime) -> dt.date:
    return max(membership.starts_on or timezone.localdate(at), timezone.localdate(at))


@transaction.atomic
def enter(
    body: Body,
    person: Person,
    *,
    role: str,
    starts_on: dt.date,
    by: User | None = None,
    organization: Organization | None = None,
    seat: Seat | None = None,
    name_public: bool = False,
    is_example: bool = False,
    at: dt.datetime | None = None,
) -> Membership:
    """Enters somebody who belongs without having asked here: office holders, people who take part on paper.

    PermissionDenied unless `by` may end memberships too (or is None, the system). `at`: when it was entered, else now.
    """
    if by is not None and not by.has_perm("dialog.end_membership"):
        raise PermissionDenied
    check_role(body, role)
    check_seat(body, seat)
    at = at or timezone.now()
    membership = Membership(
        body=body,
        person=person,
        role=role,
        organization=organization,
        seat=seat,
        name_public=name_public,
        name_public_at=at,
        state=Membership.State.ACTIVE,
        starts_on=starts_on,
        is_example=is_example,
    )
    # Not `full_clean`: it would set the state, which only a transition may.
    membership.clean_fields(exclude={"state"})
    membership.validate_constraints()
    membership.save()
    steps.record(membership, "enter", by=by, at=at)
    return membership
