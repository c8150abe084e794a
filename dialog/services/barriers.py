"""Barriers that readers report: taken down, told to the contact, answered."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dialog.models import BarrierReport, Person, User

from . import mails, people

#: Reports are kept for so long after they were answered; a recurring barrier can be told by then.
KEPT = dt.timedelta(days=366)


@transaction.atomic
def report(*, text: str, address: str = "", email: str = "", at: dt.datetime) -> BarrierReport:
    """Takes down where somebody could not go on, and tells the portal's contact address."""
    barrier = BarrierReport.objects.create(text=text, address=address, email=email.lower(), reported_at=at)
    contact = Person(name="", email=settings.CONTACT_EMAIL)
    mails.send("barrier_reported", [contact], category=mails.ALWAYS, barrier=barrier)
    return barrier


@transaction.atomic
def answer(barrier: BarrierReport, text: str, *, by: User, at: dt.datetime) -> None:
    """Notes what was done and mails it to whoever left an address. PermissionDenied; ValidationError if it was done."""
    if not by.has_perm("dialog.answer_barrier"):
        raise PermissionDenied
    text = text.strip()
    done = BarrierReport.objects.filter(pk=barrier.pk, done_at=None).update(
        answer=text, done_at=at, done_by=people.of(by)
    )
    if not done:
        raise ValidationError(_("Darauf hat schon jemand geantwortet."))
    if barrier.email:
        reader = Person(name="", email=barrier.email)
        mails.send("barrier_answered", [reader], category=mails.ALWAYS, barrier=barrier, answer=text)


def forget(now: dt.datetime) -> int:
    """Deletes reports answered longer than `KEPT` ago; returns how many."""
    number, _rows = BarrierReport.objects.filter(done_at__lt=now - KEPT).delete()
    return number
