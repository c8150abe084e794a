from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = _("Maßnahmen und Beschlüsse")

    def ready(self) -> None:
        from dialog.panels import register
        from dialog.services.agenda import register_subject

        from . import (
            jobs,  # noqa: F401  (registers what the worker can do)
            panels,
            rules,  # noqa: F401  (fills the permission table)
        )
        from .models import Measure
        from .services import transfer  # noqa: F401  (registers what the worker can do)

        register_subject("measure", _("Maßnahme"), Measure)
        register("recommendation", panels.measures_after)
        register("body", panels.measures_of)
        register("organization", panels.carried_by)
        register("process", panels.council_side)
        register("account", panels.statements_asked)
        register("account", panels.measures_in_charge)
        register("workspace", panels.quiet_measures)
        register("workspace", panels.report_of_the_year)
        register("workspace_menu", panels.measures_menu)
        register("workspace_menu", panels.council_menu)
        register("workspace_menu", panels.report_menu)
