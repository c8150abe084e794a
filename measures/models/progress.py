"""What leads up to news of a measure: drafts, and reminders that they are due."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dialog.models.people import runs_the_process

from .measures import Measure
from .resolutions import ResolutionPoint


class ProgressDraftQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ProgressDraftQuerySet":
        """A draft is its measure's contacts' and the planning group's."""
        if runs_the_process(user):
            return self
        return self.filter(measure__contacts__user=user) if user.is_authenticated else self.none()

    def submitted(self) -> "ProgressDraftQuerySet":
        """What waits for the planning group's look, the longest waiting first."""
        return self.filter(submitted_at__isnull=False).order_by("submitted_at")


class ProgressDraft(models.Model):
    """What has been typed for a measure's next news; one per measure, which all its contacts share."""

    measure = models.OneToOneField(Measure, on_delete=models.CASCADE, related_name="draft", verbose_name=_("Maßnahme"))
    #: The form's fields as they were typed, complete or not.
    values = models.JSONField(default=dict, editable=False)
    #: Counts the savings, so that whoever typed on an older one is told.
    version = models.PositiveIntegerField(default=1, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("durch")
    )
    at = models.DateTimeField(_("gespeichert am"))
    submitted_at = models.DateTimeField(_("zur Prüfung gegeben am"), null=True, blank=True)
    returned_because = models.TextField(_("Hinweis der Planungsgruppe"), blank=True)

    objects = ProgressDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("Entwurf eines Sachstands")
        verbose_name_plural = _("Entwürfe von Sachständen")
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.measure)


class Reminder(models.Model):
    """That somebody was reminded of a measure's or a point's news; so nobody is reminded twice of one thing."""

    #: So many days after the news were due the reminders go out; then again every `EVERY` days.
    FIRST = (0, 7)
    EVERY = 30

    measure = models.ForeignKey(
        Measure, on_delete=models.CASCADE, null=True, blank=True, related_name="reminders", verbose_name=_("Maßnahme")
    )
    point = models.ForeignKey(
        ResolutionPoint,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("Beschlusspunkt"),
    )
    due_on = models.DateField(_("fällig am"))
    stage = models.PositiveSmallIntegerField(_("Mahnstufe"))
    at = models.DateTimeField(_("verschickt am"))
    sent_to = models.PositiveSmallIntegerField(_("Empfänger"), default=0)

    class Meta:
        verbose_name = _("Erinnerung")
        verbose_name_plural = _("Erinnerungen")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "due_on", "stage"], name="reminder_once_a_stage"),
            models.UniqueConstraint(fields=["point", "due_on", "stage"], name="reminder_of_a_point_once_a_stage"),
            models.CheckConstraint(
                condition=Q(measure=None, point__isnull=False) | Q(measure__isnull=False, point=None),
                name="reminder_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure or self.point}, {self.due_on:%d.%m.%Y}"

    @classmethod
    def stage_on(cls, due_on: dt.date, today: dt.date) -> int | None:
        """Which reminder is the newest due as of `today`: 0, 1, ... ; None before the first."""
        late = (today - due_on).days
        if late < cls.FIRST[-1]:
            return 0 if late >= cls.FIRST[0] else None
        return 1 + (late - cls.FIRST[-1]) // cls.EVERY
