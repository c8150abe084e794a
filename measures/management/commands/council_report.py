import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from dialog.services import pdf
from measures.models import CouncilReport
from measures.services import editions, reports


class Command(BaseCommand):
    """Writes the report to the council into a file, without a worker and without storing it in the portal.

    Of a frozen report it writes its newest edition, of any other year what is known now.
    """

    help = "Writes the yearly report to the council as PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int, help="The year of the report, for example 2009.")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="The PDF file to write.")

    def handle(self, *args: Any, year: int, out: Path, **options: Any) -> None:
        now = timezone.now()
        if not out.parent.is_dir():
            raise CommandError(f"Den Ordner {out.parent} gibt es nicht.")
        if out.is_dir():
            raise CommandError(f"{out} ist ein Ordner; gebraucht wird der Name einer Datei.")
        with translation.override("de"):
            try:
                report = reports.draft(year, at=now)
                made = reports.build(report, at=now)[1] if report.is_draft else _frozen(report)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            except pdf.Broken as error:
                raise CommandError(f"Der Bericht ist misslungen. {error}") from error
        try:
            write_whole(out, made)
        except OSError as error:
            raise CommandError(f"{out} lässt sich nicht schreiben: {error.strerror}.") from error
        self.stdout.write(f"{out}: {len(made) // 1000} kB")


def _frozen(report: CouncilReport) -> bytes:
    return editions.render(report.editions.latest("number"))


def write_whole(path: Path, content: bytes) -> None:
    """Puts `content` into `path`, whole or not at all; an older file stays until the new one is complete."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files for their owner alone; this one is for whoever may read files made here.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
