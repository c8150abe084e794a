"""Joining a body, belonging to it, leaving it."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Body, Membership, Organization, Person, User

from . import mails, people, steps


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
                requested_at=at,
                is_example=person.is_example,
            )
    except IntegrityError:
        raise already from None
    steps.record(membership, "request", by=by, at=at)
    mails.send("membership_requested", [person], membership=membership)
    mails.send("membership_to_decide", deciders(body), membership=membership)
    return membership


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
    """The applicant becomes a member and gets a mail."""
    steps.take(membership, "accept", by=by, at=at, on=timezone.localdate(at))
    mails.send("membership_accepted", [membership.person], membership=membership)


@transaction.atomic
def decline(membership: Membership, *, by: User | None, reason: str, at: dt.datetime) -> None:
    """The applicant gets a mail with the reason. ValidationError without one."""
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte nennen Sie den Grund; die Person liest ihn in ihrer Nachricht.")})
    steps.take(membership, "decline", by=by, at=at, note=reason, reason=reason)
    mails.send("membership_declined", [membership.person], membership=membership)


@transaction.atomic
def withdraw(membership: Membership, *, by: User, at: dt.datetime) -> None:
    """The applicant takes the request back."""
    steps.take(membership, "withdraw", by=by, at=at)


@transaction.atomic
def leave(membership: Membership, *, by: User, at: dt.datetime) -> None:
    """A member leaves; the chair (or the planning group) gets a mail."""
    steps.take(membership, "leave", by=by, at=at, on=_last_day(membership, at))
    mails.send("membership_left", deciders(membership.body), membership=membership)


@transaction.atomic
def end(membership: Membership, *, by: User | None, reason: str, at: dt.datetime) -> None:
    """The planning group ends a membership and says why; the member gets a mail."""
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte nennen Sie den Grund.")})
    steps.take(membership, "end", by=by, at=at, note=reason, on=_last_day(membership, at), reason=reason)
    mails.send("membership_ended", [membership.person], membership=membership)


def set_name_public(membership: Membership, public: bool, *, by: User) -> None:
    """Gives or takes back the consent to be named; only the person themselves can. PermissionDenied otherwise."""
    if membership.person.user_id != by.pk:
        raise PermissionDenied
    Membership.objects.filter(pk=membership.pk).update(name_public=public)


def _last_day(membership: Membership, at: dt.datetime) -> dt.date:
    return max(membership.starts_on or timezone.localdate(at), timezone.localdate(at))


def enter(
    body: Body,
    person: Person,
    *,
    role: str,
    starts_on: dt.date,
    by: User | None = None,
    organization: Organization | None = None,
    name_public: bool = False,
    is_example: bool = False,
    at: dt.datetime | None = None,
) -> Membership:
    """Enters somebody who belongs without having asked here: office holders, people who take part on paper.

    PermissionDenied unless `by` may end memberships too (or is None, the system). `at`: when it was entered, else now.
    """
    if by is not None and not by.has_perm("dialog.end_membership"):
        raise PermissionDenied
    membership = Membership(
        body=body,
        person=person,
        role=role,
        organization=organization,
        name_public=name_public,
        state=Membership.State.ACTIVE,
        starts_on=starts_on,
        is_example=is_example,
    )
    # Not `full_clean`: it would set the state, which only a transition may.
    membership.clean_fields(exclude={"state"})
    membership.validate_constraints()
    membership.save()
    steps.record(membership, "enter", by=by, at=at or timezone.now())
    return membership
