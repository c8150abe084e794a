from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DialogConfig(AppConfig):
    name = "dialog"
    verbose_name = _("Gremien und Personen")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate
        from post_office.signals import email_queued

        from . import (
            cards,  # noqa: F401  (says how rows look where they are shared)
            rules,  # noqa: F401  (fills the permission table)
            search_index,
        )
        from .panels import register
        from .services import (
            mails,
            meeting_invitations,  # noqa: F401  (registers what the worker can do)
            member_lists,  # noqa: F401  (registers what the worker can do)
        )
        from .views import followings

        email_queued.connect(mails.tell_worker)
        post_migrate.connect(search_index.look_after)
        register("account", followings.followed)
