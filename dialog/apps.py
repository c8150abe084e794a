from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DialogConfig(AppConfig):
    name = "dialog"
    verbose_name = _("Gremien und Personen")

    def ready(self) -> None:
        from post_office.signals import email_queued

        from . import rules  # noqa: F401  (fills the permission table)
        from .services import (
            mails,
            meeting_invitations,  # noqa: F401  (registers what the worker can do)
            member_lists,  # noqa: F401  (registers what the worker can do)
        )

        email_queued.connect(mails.tell_worker)
