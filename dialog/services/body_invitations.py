"""Inviting somebody into a body by mail address; works for people without an account."""

import datetime as dt
import hashlib
import secrets

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Body, BodyInvitation, Membership, Organization, Person, User

from . import mails, memberships, people, steps

#: How long the link of an invitation works.
VALID = dt.timedelta(days=21)


def invite(
    body: Body,
    *,
    email: str,
    by: User,
    at: dt.datetime,
    role: str = Membership.Role.MEMBER,
    organization: Organization | None = None,
    message: str = "",
) -> BodyInvitation:
    """Sends an invitation to `email`. PermissionDenied; only the planning group may give another role than member.

    ValidationError if the address belongs to a member (with an account or on paper), has an open invitation, or the
    body has ended its work.
    """
    if not by.has_perm("dialog.invite_member", body):
        raise PermissionDenied
    if role != Membership.Role.MEMBER and not by.has_perm("dialog.change_membership"):
        raise PermissionDenied
    if body.ended_on:
        raise ValidationError(_("Dieses Gremium hat seine Arbeit beendet."))
    email = email.strip().lower()
    if body.memberships.active().filter(person__user__email__iexact=email).exists():
        raise ValidationError({"email": _("Wer diese Adresse hat, gehört dem Gremium schon an.")})
    if body.memberships.active().filter(person__user=None, person__email__iexact=email).exists():
        # Accepting would make a second membership, and then the two entries could not be merged.
        raise ValidationError(
            {
                "email": _(
                    "Wer diese Adresse hat, gehört dem Gremium schon ohne Konto an. Bitten Sie die Person, sich mit "
                    "dieser Adresse selbst ein Konto anzulegen; die Planungsgruppe führt dann beide Einträge zusammen."
                )
            }
        )
    for overdue in body.invitations.overdue(at).filter(email__iexact=email):
        steps.take(overdue, "expire", by=None, at=at)
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            invitation = BodyInvitation.objects.create(
                body=body,
                email=email,
                role=role,
                organization=organization,
                message=message,
                token_hash=_hash(token),
                invited_by=by,
                invited_at=at,
                expires_at=at + VALID,
            )
            steps.record(invitation, "invite", by=by, at=at)
            # Not a row yet, only somebody to write to.
            reader = Person(name="", email=email)
            mails.send(
                "body_invitation",
                [reader],
                category=mails.ALWAYS,
                invitation=invitation,
                token=token,
                inviter=people.of(by),
            )
    except IntegrityError:
        raise ValidationError(
            {"email": _("An diese Adresse ist schon eine Einladung unterwegs. Nehmen Sie sie zuerst zurück.")}
        ) from None
    return invitation


def by_token(token: str, now: dt.datetime) -> BodyInvitation | None:
    """The invitation behind a link, expired if its time is over; None if there is none."""
    found = BodyInvitation.objects.filter(token_hash=_hash(token)).select_related("body", "organization").first()
    if found and found.state == BodyInvitation.State.OPEN and found.expires_at <= now:
        steps.take(found, "expire", by=None, at=now)
    return found


def account_of(invitation: BodyInvitation) -> User | None:
    """The account that already has the invited address."""
    found = User.objects.filter(email=invitation.email.lower()).first()
    if found is None:
        verified = EmailAddress.objects.filter(email__iexact=invitation.email, verified=True).select_related("user")
        found = verified[0].user if verified else None
    return found


@transaction.atomic
def accept(
    invitation: BodyInvitation, *, by: User | None, at: dt.datetime, name: str = "", name_public: bool = False
) -> Membership:
    """The invited person joins. Without an account (`by` None) they get one with the verified invited address.

    PermissionDenied if `by` is somebody else, or the address has an account and nobody is signed in;
    ValidationError if they belong to the body already; TransitionNotAllowed if it was answered before.
    """
    owner = account_of(invitation)
    if owner != by:
        raise PermissionDenied
    user = owner or _new_account(invitation.email, name)
    person = people.of(user)
    body = invitation.body
    memberships.check_role(body, invitation.role)
    waiting = body.memberships.open().filter(person=person).first()
    if waiting and waiting.state == Membership.State.ACTIVE:
        raise ValidationError(_("Sie gehören diesem Gremium bereits an."))
    if waiting:
        # Asked and invited at once: the invitation is the answer.
        steps.take(waiting, "withdraw", by=None, at=at)
    membership = memberships.enter(
        body,
        person,
        role=invitation.role,
        organization=invitation.organization,
        starts_on=timezone.localdate(at),
        name_public=name_public,
        at=at,
    )
    steps.take(invitation, "accept", by=None, at=at, membership=membership)
    mails.send("membership_accepted", [person], category=mails.ALWAYS, membership=membership)
    return membership


def _new_account(email: str, name: str) -> User:
    user = User.objects.create_user(email)
    # Whoever holds the link reads the mail that was sent to this address.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    people.welcome(user, name=name)
    return user


@transaction.atomic
def decline(invitation: BodyInvitation, *, at: dt.datetime) -> None:
    """Whoever holds the link says no."""
    steps.take(invitation, "decline", by=None, at=at)


@transaction.atomic
def revoke(invitation: BodyInvitation, *, by: User, at: dt.datetime) -> None:
    """The link stops working. PermissionDenied."""
    steps.take(invitation, "revoke", by=by, at=at)


def expire(now: dt.datetime) -> int:
    """Closes the invitations whose time is over; returns how many."""
    overdue = list(BodyInvitation.objects.overdue(now))
    for invitation in overdue:
        steps.take(invitation, "expire", by=None, at=now)
    return len(overdue)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
