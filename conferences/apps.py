from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConferencesConfig(AppConfig):
    name = "conferences"
    verbose_name = _("Konferenzen")

    def ready(self) -> None:
        from dialog.panels import register

        from . import (
            cards,  # noqa: F401  (says how rows look where they are shared)
            panels,
            rules,  # noqa: F401  (fills the permission table)
        )

        register("recommendation_debates", panels.debates_of)
        register("body", panels.reports_of)
        register("declaration", panels.adoption_of)
        register("process", panels.all_conferences)
        register("workspace_menu_meetings", panels.workspace_menu)
