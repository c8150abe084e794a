import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .documents import Document
from .people import runs_the_process

#: So long a job stands on the workspace's first page.
RECENT = dt.timedelta(days=14)


class JobRunQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "JobRunQuerySet":
        """Whoever started a job sees it; the planning group sees all."""
        if runs_the_process(user):
            return self
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)

    def recent(self, now: dt.datetime) -> "JobRunQuerySet":
        """What was started in the last days; older results are found where they belong."""
        return self.filter(created_at__gte=now - RECENT)

    def open(self) -> "JobRunQuerySet":
        return self.filter(state__in=[JobRun.State.WAITING, JobRun.State.RUNNING])


class JobRun(models.Model):
    """Long work. This row is the truth about it; the broker's message only says that there is something to do."""

    class State(models.TextChoices):
        WAITING = "waiting", _("wartet")
        RUNNING = "running", _("läuft")
        DONE = "done", _("fertig")
        FAILED = "failed", _("fehlgeschlagen")

    kind = models.CharField(_("Art"), max_length=40)
    key = models.CharField(
        _("Schlüssel"), max_length=120, help_text=_("Zwei offene Aufträge mit demselben Schlüssel gibt es nicht.")
    )
    title = models.CharField(_("Titel"), max_length=160)
    parameters = models.JSONField(_("Angaben"), default=dict)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("gestartet von"),
    )
    state = models.CharField(_("Stand"), max_length=8, choices=State, default=State.WAITING)
    attempt = models.PositiveSmallIntegerField(_("Versuch"), default=0)
    step = models.PositiveSmallIntegerField(_("Schritt"), default=0)
    steps = models.PositiveSmallIntegerField(_("Schritte"), default=0)
    step_name = models.CharField(_("Was gerade geschieht"), max_length=160, blank=True)
    created_at = models.DateTimeField(_("angelegt"))
    heartbeat_at = models.DateTimeField(_("letztes Lebenszeichen"))
    started_at = models.DateTimeField(_("begonnen"), null=True, blank=True)
    expected_seconds = models.PositiveIntegerField(_("übliche Dauer in Sekunden"), null=True, blank=True)
    finished_at = models.DateTimeField(_("beendet"), null=True, blank=True)
    error = models.TextField(_("Fehler"), blank=True)
    result_url = models.CharField(_("Ergebnis"), max_length=200, blank=True)
    document = models.ForeignKey(
        Document, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Datei")
    )

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("Auftrag")
        verbose_name_plural = _("Aufträge")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(state__in=["waiting", "running"]), name="job_one_open_per_key"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | Q(state__in=["waiting", "running"], finished_at=None),
                name="job_finished_has_a_time",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="job_failed_says_why"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def percent(self) -> int:
        """How far the work is, 0 to 100."""
        if self.state == self.State.DONE:
            return 100
        return round(100 * max(self.step - 1, 0) / self.steps) if self.steps else 0

    def seconds_left(self, now: dt.datetime) -> int | None:
        """How long it will go on if it takes as long as usual; 0 if it should have ended, None if nobody knows."""
        if self.state != self.State.RUNNING or self.started_at is None or self.expected_seconds is None:
            return None
        return max(0, round(self.expected_seconds - (now - self.started_at).total_seconds()))
