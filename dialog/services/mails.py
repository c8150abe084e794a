"""Mail to people. A mail is a row of the outbox, written in the transaction of what it tells about.

The worker sends it after the commit and tries again when that fails; what was rolled back is never sent.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from post_office.mail import send_queued_mail_until_done
from post_office.models import STATUS, Email
from post_office.utils import cleanup_expired_mails

from dialog.models import MailPreference, Person

from . import preferences

Rhythm = MailPreference.Rhythm

#: The category of mails that nobody can do without: invitations, decisions on what one asked for, accounts.
ALWAYS = ""

#: How long the outbox remembers what was sent.
KEPT = dt.timedelta(days=90)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; `content_type` may carry parameters (`text/calendar; method=REQUEST`)."""

    filename: str
    content: bytes
    content_type: str

    @property
    def part(self) -> MIMEBase:
        """As the outbox keeps it whole; of a plain attachment it would lose all but name and content."""
        whole, *parameters = (piece.strip() for piece in self.content_type.split(";"))
        part = MIMEBase(*whole.split("/"))
        for name, value in (parameter.split("=", 1) for parameter in parameters):
            part.set_param(name, value)
        part.set_payload(self.content)
        encode_base64(part)
        part.add_header("Content-Disposition", "attachment", filename=self.filename)
        return part


def send(
    name: str, people: Iterable[Person], *, category: str, attachments: Iterable[Attachment] = (), **context: Any
) -> int:
    """Sends `templates/mail/<name>.txt` (first line: subject) to each of `people`; returns how many have an address.

    Everyone gets their own mail; nobody sees another's address. With a `category` (`MailPreference.Category`) it comes
    as often as its reader wants and can be unsubscribed from; what is needed comes `ALWAYS`.
    `attachments` go with mails that come at once.
    """
    sent = 0
    readers = [person for person in people if person.mail_address]
    rhythms = preferences.rhythms(readers, category)
    for person in readers:
        subject, body = compose(name, person, **context)
        if rhythms.get(person.pk, Rhythm.AT_ONCE) == Rhythm.AT_ONCE:
            post(person, subject, body, categories=[category] if category else [], attachments=attachments)
        else:
            preferences.keep(person, category, subject=subject, text=body, rhythm=rhythms[person.pk])
        sent += 1
    return sent


def compose(name: str, person: Person, **context: Any) -> tuple[str, str]:
    """Subject and text of `templates/mail/<name>.txt` for `person`, in the person's language."""
    with translation.override(preferences.language_of(person)):
        text = render_to_string(
            f"mail/{name}.txt",
            {"person": person, "BASE_URL": settings.BASE_URL, "CONTACT_EMAIL": settings.CONTACT_EMAIL, **context},
        )
    subject, _blank, body = text.strip().partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


def post(
    person: Person, subject: str, body: str, *, categories: Collection[str], attachments: Iterable[Attachment] = ()
) -> None:
    """Puts one mail into the outbox, with the way to unsubscribe from its `categories` if any (RFC 2369, RFC 8058)."""
    headers = {}
    if categories:
        address = preferences.unsubscribe_address(person, *categories)
        headers = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        with translation.override(preferences.language_of(person)):
            body += "\n-- \n" + _("Solche Nachrichten abbestellen: %(address)s") % {"address": address} + "\n"
    parts = [attachment.part for attachment in attachments]
    EmailMessage(subject=subject, body=body, to=[person.mail_address], headers=headers, attachments=parts).send()


def tell_worker(**_signal: Any) -> None:
    """Called for every mail that has been queued: the worker sends it after the commit.

    Robust: if the broker is down, the schedule sends the mail a minute later, and nobody sees an error page.
    """
    transaction.on_commit(lambda: current_app.send_task("dialog.tasks.send_mail"), robust=True)


def deliver() -> None:
    """Sends what waits in the outbox; a mail that fails stays there and is tried again."""
    send_queued_mail_until_done()


def unreachable(addresses: Iterable[str]) -> set[str]:
    """Those of `addresses` to which the newest mail could not be delivered."""
    newest = Email.objects.filter(to__in=[address for address in addresses if address]).values("to")
    failed = Email.objects.filter(pk__in=newest.annotate(last=Max("pk")).values("last"), status=STATUS.failed)
    return {address for mail in failed for address in mail.to}


def clean(now: dt.datetime) -> None:
    """Forgets mails older than `KEPT`."""
    cleanup_expired_mails(now - KEPT)
