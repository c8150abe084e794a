"""Which mails somebody wants, and what waits for their next digest."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from .people import Person


class MailPreference(models.Model):
    """How often a person wants mails of one category; without a row they come at once."""

    class Category(models.TextChoices):
        GROUP = "group", _("Nachrichten an die Mitglieder meiner Gremien")
        PAPERS = "papers", _("Niederschriften und Unterlagen meiner Gremien")
        TASKS = "tasks", _("Meine Arbeitsaufträge und Maßnahmen")
        REQUESTS = "requests", _("Anträge und Austritte, über die ich entscheide")
        NEWS = "news", _("Neues zu dem, was ich verfolge")

    class Rhythm(models.TextChoices):
        AT_ONCE = "at_once", _("sofort")
        DAILY = "daily", _("täglich")
        WEEKLY = "weekly", _("wöchentlich")
        NONE = "none", _("gar nicht")

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="mail_preferences", verbose_name=_("Person")
    )
    category = models.CharField(_("Art der Nachricht"), max_length=8, choices=Category)
    rhythm = models.CharField(_("wie oft"), max_length=8, choices=Rhythm, default=Rhythm.AT_ONCE)

    class Meta:
        verbose_name = _("Wunsch zu Nachrichten")
        verbose_name_plural = _("Wünsche zu Nachrichten")
        ordering = ["person", "category"]
        constraints = [models.UniqueConstraint(fields=["person", "category"], name="mail_preference_once_a_category")]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.get_rhythm_display()}"


class DigestEntryQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "DigestEntryQuerySet":
        """A mail is its reader's alone."""
        return self.filter(person__user=user) if user.is_authenticated else self.none()


class DigestEntry(models.Model):
    """A mail that waits to go out with its reader's next digest."""

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="digest_entries", verbose_name=_("Person")
    )
    category = models.CharField(_("Art der Nachricht"), max_length=8, choices=MailPreference.Category)
    subject = models.CharField(_("Betreff"), max_length=250)
    text = models.TextField(_("Text"))
    at = models.DateTimeField(_("vom"))

    objects = DigestEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("wartende Nachricht")
        verbose_name_plural = _("wartende Nachrichten")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.subject
