"""Reports of mail servers about mails that they could not deliver."""

import datetime as dt
import io
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from post_office.models import STATUS, Email

from dialog.services import bounces, mails
from tests.factories import GroupMailFactory

POSTFIX = """\
Return-Path: <>
Date: Mon, 23 Nov 2026 09:00:00 +0100 (CET)
From: MAILER-DAEMON@mail.stadt.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: dialog@stadt.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4A1B2C3D.1795000000/mail.stadt.example"
Message-Id: <20261123080000.4A1B2C3D@mail.stadt.example>

This is a MIME-encapsulated message.

--4A1B2C3D.1795000000/mail.stadt.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<{address}>: host mx.example.org[192.0.2.7] said: 550 5.1.1
    <{address}>: Recipient address rejected: User unknown (in reply to RCPT TO command)

--4A1B2C3D.1795000000/mail.stadt.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.stadt.example
X-Postfix-Queue-ID: 4A1B2C3D
X-Postfix-Sender: rfc822; dialog@stadt.example
Arrival-Date: Mon, 23 Nov 2026 08:59:58 +0100 (CET)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: Recipient address
    rejected: User unknown

--4A1B2C3D.1795000000/mail.stadt.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <dialog@stadt.example>
Subject: Treffen
From: dialog@stadt.example
To: {address}
Message-ID: {message_id}

--4A1B2C3D.1795000000/mail.stadt.example--
"""

EXCHANGE = """\
From: <postmaster@example.org>
To: <dialog@stadt.example>
Date: Mon, 23 Nov 2026 08:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
 boundary="9a6f1c2e-0000-4e3b-8f4d-000000000001"
Message-ID: <1b2c3d4e-0000@EXCHANGE01.example.org>
Subject: Unzustellbar: Treffen
MIME-Version: 1.0

--9a6f1c2e-0000-4e3b-8f4d-000000000001
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

Die Nachricht konnte nicht zugestellt werden: Das Postfach ist gel=F6scht.

--inner--

--9a6f1c2e-0000-4e3b-8f4d-000000000001
Content-Type: message/delivery-status

Reporting-MTA: dns;EXCHANGE01.example.org
Received-From-MTA: dns;mail.stadt.example

Final-Recipient: RFC822;neues.postfach@example.org
Action: Failed
Status: 5.2.1
Diagnostic-Code: smtp;550 5.2.1 RESOLVER.ADR.RecipientNotFound; nicht gefunden

--9a6f1c2e-0000-4e3b-8f4d-000000000001
Content-Type: message/rfc822

Received: from mail.stadt.example (192.0.2.1) by EXCHANGE01.example.org
From: dialog@stadt.example
To: <{address}>
Subject: Treffen
Message-ID: {message_id}
Content-Type: text/plain; charset="utf-8"

Bitte kommen.

--9a6f1c2e-0000-4e3b-8f4d-000000000001--
"""


@pytest.fixture
def sent(citizen) -> Email:
    """A mail that the mail server has taken."""
    mails.send("group_mail", [citizen.person], category="group", mail=GroupMailFactory(), writer=None)
    Email.objects.update(status=STATUS.sent)
    return Email.objects.get()


def report(mail: Email, text: str = POSTFIX, **values: str) -> bytes:
    given = {"address": mail.to[0], "message_id": mail.message_id, "action": "failed", **values}
    return text.format(**given).encode()


def noted(content: bytes) -> list[str]:
    return bounces.note(content, at=timezone.now())


def test_a_mail_that_comes_back_marks_its_address(sent, citizen):
    assert mails.unreachable([citizen.email]) == set()

    assert noted(report(sent)) == [citizen.email]

    assert mails.unreachable([citizen.email]) == {citizen.email}
    log = sent.logs.get()
    assert log.message == f"5.1.1 smtp; 550 5.1.1 <{citizen.email}>: Recipient address rejected: User unknown"


def test_the_same_report_again_changes_nothing(sent):
    assert noted(report(sent)) != []
    assert noted(report(sent)) == []
    assert sent.logs.count() == 1


def test_a_mail_that_was_forwarded_and_came_back_marks_the_address_we_wrote_to(sent, citizen):
    assert noted(report(sent, EXCHANGE)) == [citizen.email]
    assert "RecipientNotFound" in sent.logs.get().message


def test_the_next_mail_that_arrives_takes_the_mark_away(sent, citizen):
    noted(report(sent))
    mails.send("group_mail", [citizen.person], category="group", mail=GroupMailFactory(), writer=None)
    Email.objects.exclude(pk=sent.pk).update(status=STATUS.sent)
    assert mails.unreachable([citizen.email]) == set()


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded", "", "failed?"])
def test_only_what_failed_for_good_counts(sent, action):
    assert noted(report(sent, action=action)) == []
    assert Email.objects.get().status == STATUS.sent


@pytest.mark.parametrize(
    "forged",
    [
        {"address": "nie@example.org", "message_id": "<erraten@127.0.0.1>"},
        {"address": "nie@example.org", "message_id": ""},
        {"message_id": "<erraten@127.0.0.1>"},
        {"address": "a@b,citizen@example.org", "message_id": ""},
        {"address": "%@%", "message_id": ""},
    ],
)
def test_a_forged_report_does_nothing(sent, forged):
    assert noted(report(sent, **forged)) == []
    assert Email.objects.get().status == STATUS.sent


def test_without_a_message_id_the_newest_mail_to_the_address_counts_while_it_is_new(sent, citizen):
    content = report(sent, message_id="", address=citizen.email.upper())
    assert bounces.note(content, at=timezone.now() + dt.timedelta(days=8)) == []
    assert noted(content) == [citizen.email]


def test_a_mail_that_waits_to_be_sent_has_not_come_back(sent):
    Email.objects.update(status=STATUS.requeued)
    assert noted(report(sent)) == []
    assert Email.objects.get().status == STATUS.requeued


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        b"Subject: Danke\n\nIch komme gern.",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nohne Grenze",
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n",
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n"
        b"Content-Transfer-Encoding: base64\n\n////\n--x\nContent-Type: message/rfc822\n\n\xff\n--x--",
        b"Content-Type: multipart/report; boundary=x; charset*=unknown''%FF\n\n--x\nContent-Type: text/rfc822-headers"
        b"\n\nMessage-ID: =?x-unknown?b?/w==?=\n--x--",
        b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(5000)),
    ],
    ids=["empty", "bytes", "answer", "no boundary", "cut off", "encoded", "unknown charset", "parts without end"],
)
def test_what_is_no_report_does_nothing(sent, content):
    assert noted(content) == []
    assert Email.objects.get().status == STATUS.sent


def test_what_a_server_says_is_kept_short_and_without_control_characters(sent):
    noted(report(sent).replace(b"User unknown", b"\x00\x07" + "unbekannt ü ".encode() * 500))
    (log,) = sent.logs.all()
    assert len(log.message) == 500
    assert log.message.isprintable()


def piped(content: bytes, monkeypatch, capsys) -> str:
    """What the command says of a mail on its standard input, which it has read to the end."""
    stdin = io.BytesIO(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stdin))
    call_command("bounces")
    assert stdin.read() == b""
    return capsys.readouterr().out


def test_the_command_reads_a_mail_from_its_input(sent, citizen, monkeypatch, capsys):
    assert piped(report(sent), monkeypatch, capsys) == f"Unzustellbar: {citizen.email}\n"
    assert "Kein Bericht" in piped(b"Subject: Danke\n\nBis bald.", monkeypatch, capsys)


def test_a_report_that_brings_a_large_mail_back_is_read_to_its_end(sent, citizen, monkeypatch, capsys):
    large = report(sent, EXCHANGE).replace(b"Bitte kommen.", b"Bitte kommen. " * 2_000_000)
    assert len(large) > 20 * bounces.READ
    assert piped(large, monkeypatch, capsys) == f"Unzustellbar: {citizen.email}\n"


def test_without_a_database_the_mail_server_is_to_try_again(sent, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(report(sent))))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE post_office_email RENAME TO away")
    with pytest.raises(CommandError) as caught, transaction.atomic():
        call_command("bounces")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE away RENAME TO post_office_email")
    assert caught.value.returncode == 75
