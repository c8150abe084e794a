"""Mail to people. A mail is a row of the outbox, written in the transaction of what it tells about.

The worker sends it after the commit and tries again when that fails; what was rolled back is never sent.
"""

import datetime as dt
from collections.abc import Iterable
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


def send(name: str, people: Iterable[Person], **context: Any) -> int:
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
        EmailMessage(subject=" ".join(subject.split()), body=body.strip() + "\n", to=[person.mail_address]).send()
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
