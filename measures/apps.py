from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = _("Maßnahmen und Beschlüsse")

    def ready(self) -> None:
        from dialog.panels import register
        from dialog.services import followings, own_data
        from dialog.services.agenda import register_subject

        from . import (
            cards,  # noqa: F401  (says how rows look where they are shared)
            jobs,  # noqa: F401  (registers what the worker can do)
            panels,
            rules,  # noqa: F401  (fills the permission table)
        )
        from .models import Measure, Question
        from .services import (
            due,  # noqa: F401  (registers what is due)
            questions,
            transfer,  # noqa: F401  (registers what the worker can do)
        )

        register_subject("measure", _("Maßnahme"), Measure)
        followings.register("massnahme", Measure)
        own_data.register(Question, questions.forget_asker)
        register("recommendation", panels.measures_after)
        register("recommendation_aims", panels.aims_behind)
        register("recommendation_debates", panels.told_in_reports)
        register("body", panels.measures_of)
        register("organization", panels.carried_by)
        register("process", panels.council_side)
        register("account", panels.statements_asked)
        register("account", panels.measures_in_charge)
        register("workspace_menu_measures", panels.measures_menu)
        register("workspace_menu_measures", panels.council_menu)
        register("workspace_menu_report", panels.report_menu)
        register("workspace_menu", panels.tables_menu)
