from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = _("Maßnahmen und Beschlüsse")

    def ready(self) -> None:
        from . import rules  # noqa: F401  (fills the permission table)
