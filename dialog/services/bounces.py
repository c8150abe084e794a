"""Mails that come back: what a mail server reports of one that it accepted and could not deliver (RFC 3464).

Such a report is easily forged. It is believed only if it names the Message-ID of a mail of ours, which nobody but its
reader knows, or, from servers that leave the ID out, an address that was mailed just now. All it can do is
mark the mail as not delivered; the next mail that arrives takes the mark away.
"""

import datetime as dt
import email
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from django.db import transaction
from post_office.models import STATUS, Email

#: So many bytes of a report are looked at: what failed stands before the mail that is sent back, which may be large.
READ = 1_000_000
#: Mail servers give up after four to five days (RFC 5321, 4.5.4.1).
WAITING = dt.timedelta(days=7)
#: So much of a server's reason is kept.
REASON = 500

_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,253}>")
_RECIPIENT = re.compile(r"rfc822\s*;\s*<?([^\s<>;,\x00-\x1f]+@[^\s<>;,\x00-\x1f]+?)>?", re.IGNORECASE)


@dataclass(frozen=True)
class Bounce:
    """What a report says: which mail, and for whom it failed why."""

    message_id: str
    failed: dict[str, str]


def note(content: bytes, *, at: dt.datetime) -> list[str]:
    """Marks the mails that the report `content` is about as not delivered; returns the addresses they went to.

    Anything else than such a report about a mail of ours does nothing.
    """
    bounce = read(content[:READ])
    if bounce is None:
        return []
    if bounce.message_id:
        mails = list(Email.objects.filter(message_id=bounce.message_id))
    else:
        recent = Email.objects.filter(created__gt=at - WAITING).order_by("pk")
        newest = (recent.filter(to__iexact=address).last() for address in bounce.failed)
        mails = [mail for mail in newest if mail]
    return [address for mail in mails for address in _mark(mail, bounce)]


@transaction.atomic
def _mark(mail: Email, bounce: Bounce) -> list[str]:
    if not Email.objects.filter(pk=mail.pk, status=STATUS.sent).update(status=STATUS.failed):
        return []
    reasons = {address.lower(): reason for address, reason in bounce.failed.items()}
    reason = next((reasons[to.lower()] for to in mail.to if to.lower() in reasons), next(iter(reasons.values())))
    mail.logs.create(status=STATUS.failed, exception_type="Bounce", message=reason)
    return list(mail.to)


def read(content: bytes) -> Bounce | None:
    """What a report says; None for any other mail, and for a report of a delay or of success."""
    try:
        report = email.message_from_bytes(content)
    except RecursionError:
        # Parts within parts without end.
        return None
    if report.get_content_type() != "multipart/report":
        return None
    failed: dict[str, str] = {}
    message_id = ""
    for part in _parts(report):
        if part.get_content_type() == "message/delivery-status":
            for recipient in _parts(part):
                failed |= _failure(recipient)
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            message_id = message_id or _message_id(part)
    return Bounce(message_id, failed) if failed else None


def _parts(message: Message) -> list[Message]:
    """What a mail consists of; nothing if it is one text."""
    parts = message.get_payload()
    return [part for part in parts if isinstance(part, Message)] if isinstance(parts, list) else []


def _failure(recipient: Message) -> dict[str, str]:
    """The address and the reason, if the mail failed for good for this recipient."""
    if _text(recipient, "Action").lower() != "failed":
        return {}
    named = (_RECIPIENT.fullmatch(_text(recipient, name)) for name in ("Original-Recipient", "Final-Recipient"))
    address = next((found[1] for found in named if found), "")
    reason = f"{_text(recipient, 'Status')} {_text(recipient, 'Diagnostic-Code')}".strip()
    return {address: reason[:REASON]} if address else {}


def _message_id(part: Message) -> str:
    originals = _parts(part) or [HeaderParser().parsestr(str(part.get_payload()))]
    found = _MESSAGE_ID.fullmatch(_text(originals[0], "Message-ID"))
    return found[0] if found else ""


def _text(message: Message, name: str) -> str:
    """A field in one line, without what a database cannot store."""
    return "".join(letter for letter in " ".join(str(message.get(name, "")).split()) if letter.isprintable())
