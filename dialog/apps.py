from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DialogConfig(AppConfig):
    name = "dialog"
    verbose_name = _("Gremien und Personen")

    def ready(self) -> None:
        from . import rules  # noqa: F401  (fills the permission table)
