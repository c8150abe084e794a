from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConferencesConfig(AppConfig):
    name = "conferences"
    verbose_name = _("Konferenzen")

    def ready(self) -> None:
        from . import rules  # noqa: F401  (fills the permission table)
