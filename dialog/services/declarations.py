"""Institutions join a declaration: one asks, the planning group verifies and publishes."""

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from dialog.models import Body, Declaration, MailPreference, Membership, Organization, Person, Signature, User

from . import mails, people, steps

REQUESTS = MailPreference.Category.REQUESTS


@transaction.atomic
def request(
    declaration: Declaration, *, organization: Organization, by: User, at: dt.datetime, message: str = ""
) -> Signature:
    """An institution asks to join; the planning group gets a mail.

    ValidationError if it has joined or asked already.
    """
    if not by.has_perm("dialog.request_signature"):
        raise PermissionDenied
    person = people.of(by)
    try:
        with transaction.atomic():
            signature = Signature.objects.create(
                declaration=declaration,
                organization=organization,
                state=Signature.State.REQUESTED,
                person=person,
                requested_at=at,
                message=message,
                is_example=person.is_example,
            )
    except IntegrityError:
        raise ValidationError(
            {"organization": _("Diese Institution ist der Erklärung schon beigetreten oder hat es beantragt.")}
        ) from None
    steps.record(signature, "request", by=by, at=at)
    mails.send("signature_requested", [person], category=mails.ALWAYS, signature=signature)
    mails.send("signature_to_decide", planners(), category=REQUESTS, signature=signature)
    return signature


@transaction.atomic
def publish(signature: Signature, *, by: User, on: dt.date, at: dt.datetime) -> None:
    """The planning group has verified the request: the institution stands under the text since `on`."""
    steps.take(signature, "publish", by=by, at=at, on=on)
    _tell("signature_published", signature)


@transaction.atomic
def decline(signature: Signature, *, by: User, reason: str, at: dt.datetime) -> None:
    """The planning group says no, and why; whoever asked gets a mail. ValidationError without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte nennen Sie den Grund; die Person liest ihn in ihrer Nachricht.")})
    steps.take(signature, "decline", by=by, at=at, note=reason, reason=reason)
    _tell("signature_declined", signature)


def _tell(name: str, signature: Signature) -> None:
    """A mail to whoever asked."""
    readers = [signature.person] if signature.person else []
    mails.send(name, readers, category=mails.ALWAYS, signature=signature)


def planners() -> list[Person]:
    """The members of the planning group that have an account."""
    active = Membership.objects.active().filter(body__kind=Body.Kind.PLANNING_GROUP)
    return [row.person for row in active.exclude(person__user=None).select_related("person__user")]
