import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from dialog.services import bounces

#: Tells the mail server to try again later (`EX_TEMPFAIL` of sysexits.h).
TRY_AGAIN = 75


class Command(BaseCommand):
    """Reads one mail from standard input, as a mail server pipes it; docs/betrieb.md says how to set that up.

    Whatever is no report of a failed delivery does nothing and is no error: a mail server would answer it with
    another mail.
    """

    help = "Notes from a mail on standard input that a mail of the portal could not be delivered."

    def handle(self, *args: Any, **options: Any) -> None:
        content = sys.stdin.buffer.read(bounces.READ)
        # To the end, or the mail server takes the closed pipe for a failure.
        while sys.stdin.buffer.read(bounces.READ):
            pass
        try:
            addresses = bounces.note(content, at=timezone.now())
        except DatabaseError as error:
            raise CommandError("Die Datenbank antwortet nicht.", returncode=TRY_AGAIN) from error
        for address in addresses:
            self.stdout.write(f"Unzustellbar: {address}")
        if not addresses:
            self.stdout.write("Kein Bericht über eine E-Mail des Portals, die nicht zugestellt wurde.")
