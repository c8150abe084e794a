"""Mail to people. A mail is a row of the outbox, written in the transaction of what it tells about.

The worker sends it after the commit and tries again when that fails; what was rolled back is never sent.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from post_office.mail import send_queued_mail_until_done
from post_office.utils import cleanup_expired_mails

from dialog.models import Person

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
        part = MIMEBase(*whole.split("/"), **dict(parameter.split("=", 1) for parameter in parameters))
        part.set_payload(self.content)
        encode_base64(part)
        part.add_header("Content-Disposition", "attachment", filename=self.filename)
        return part


def send(name: str, people: Iterable[Person], *, attachments: Iterable[Attachment] = (), **context: Any) -> int:
    """Sends `templates/mail/<name>.txt` (first line: subject) to each of `people`; returns how many have an address.

    Everyone gets their own mail; nobody sees another's address.
    """
    sent = 0
    for person in people:
        if not person.mail_address:
            continue
        with translation.override(settings.LANGUAGE_CODE):
            text = render_to_string(
                f"mail/{name}.txt",
                {
                    "person": person,
                    "BASE_URL": settings.BASE_URL,
                    "CONTACT_EMAIL": settings.CONTACT_EMAIL,
                    **context,
                },
            )
        subject, _blank, body = text.strip().partition("\n")
        parts = [attachment.part for attachment in attachments]
        EmailMessage(
            subject=" ".join(subject.split()), body=body.strip() + "\n", to=[person.mail_address], attachments=parts
        ).send()
        sent += 1
    return sent


def tell_worker(**_signal: Any) -> None:
    """Called for every mail that has been queued: the worker sends it after the commit.

    Robust: if the broker is down, the schedule sends the mail a minute later, and nobody sees an error page.
    """
    transaction.on_commit(lambda: current_app.send_task("dialog.tasks.send_mail"), robust=True)


def deliver() -> None:
    """Sends what waits in the outbox; a mail that fails stays there and is tried again."""
    send_queued_mail_until_done()


def clean(now: dt.datetime) -> None:
    """Forgets mails older than `KEPT`."""
    cleanup_expired_mails(now - KEPT)
