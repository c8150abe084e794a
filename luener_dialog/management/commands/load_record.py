from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from luener_dialog.demo import record
from luener_dialog.demo.files import RecordError


class Command(BaseCommand):
    """Loads the city's record; a second time it changes only what was corrected in the files."""

    help = "Lädt die Tatsachen aus der Broschüre (oder aus einem anderen Ordner) in die Datenbank."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=record.FOLDER, help="Ordner mit den Dateien (Vorgabe: %(default)s)"
        )

    def handle(self, *, folder: Path, **options: object) -> None:
        try:
            counts = record.load(folder)
        except RecordError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(counts.told())
