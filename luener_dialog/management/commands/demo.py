from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from luener_dialog.demo import example
from luener_dialog.demo.files import RecordError


class Command(BaseCommand):
    """Fills the portal for a demonstration: the record, an invented continuation, two reports to the council.

    A second run does nothing. Refused where it is no demonstration, because everyone knows the passwords.
    """

    help = "Lädt die Vorführung: die Tatsachen aus der Broschüre und eine erfundene Fortsetzung bis heute."

    def handle(self, **options: object) -> None:
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError(
                _("Die Vorführung legt Konten mit bekanntem Passwort an. Sie lässt sich nur mit DEMO=true laden.")
            )
        try:
            loaded = example.load_demo(now=timezone.now())
        except RecordError as error:
            raise CommandError(str(error)) from None
        if loaded:
            self.stdout.write(_("Die Vorführung ist geladen."))
        else:
            self.stdout.write(_("Die Vorführung ist schon da; nichts zu tun."))
