"""What is actually done, and the news of it."""

import datetime as dt
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition
from simple_history.models import HistoricalRecords

from dialog.models import (
    DatePrecision,
    District,
    FieldOfAction,
    Numbered,
    Organization,
    Person,
    Recommendation,
    Recorded,
    Searchable,
    SearchableQuerySet,
    Strand,
)
from dialog.models.fields import OpenQuerySet
from dialog.models.people import runs_the_process

from .guidelines import Goal, Guideline
from .resolutions import ResolutionPoint

#: Without news for longer than this, an unfinished measure counts as quiet: a year, leap or not.
QUIET_AFTER = dt.timedelta(days=366)


class Standing(models.TextChoices):
    """Where a measure stands for a reader: its state, or that nothing was heard of it for over a year."""

    DONE = "done", _("abgeschlossen")
    IN_PROGRESS = "in_progress", _("in Umsetzung")
    DECIDED = "decided", _("beschlossen, noch nicht begonnen")
    QUIET = "quiet", _("ohne Neuigkeit seit über einem Jahr")
    PROPOSED = "proposed", _("vorgeschlagen")
    STOPPED = "stopped", _("eingestellt")


class MeasureQuerySet(SearchableQuerySet):
    def visible_to(self, user: Any) -> "MeasureQuerySet":
        """Everyone sees all but proposals, which are the planning group's until something is decided."""
        return self if runs_the_process(user) else self.exclude(state=Measure.State.PROPOSED)

    def updatable_by(self, user: Any) -> "MeasureQuerySet":
        """Unfinished measures whose news `user` may write, the longest silent first."""
        mine = self.filter(state__in=Measure.UNFINISHED).order_by("last_news_on", "number")
        if runs_the_process(user):
            return mine
        return mine.filter(contacts__user=user) if user.is_authenticated else mine.none()

    def with_standing(self, today: dt.date) -> "MeasureQuerySet":
        """Annotates `standing` (a `Standing`) as of `today`."""
        quiet = Q(state__in=Measure.UNFINISHED) & Q(last_news_on__lt=today - QUIET_AFTER)
        standing = Case(
            When(quiet, then=Value(Standing.QUIET.value)), default=F("state"), output_field=models.CharField()
        )
        return self.annotate(standing=standing)


class Measure(ConcurrentTransitionMixin, Recorded, Searchable, Numbered):
    """Maßnahme or Projekt."""

    class Kind(models.TextChoices):
        MEASURE = "measure", _("Maßnahme")
        PROJECT = "project", _("Projekt")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("vorgeschlagen")
        DECIDED = "decided", _("beschlossen")
        IN_PROGRESS = "in_progress", _("in Umsetzung")
        DONE = "done", _("abgeschlossen")
        STOPPED = "stopped", _("eingestellt")

    UNFINISHED = (State.DECIDED, State.IN_PROGRESS)

    search_fields = ("number", "title", "summary", "description")

    title = models.CharField(_("Titel"), max_length=160)
    slug = models.SlugField(_("Adresse"), max_length=80)
    kind = models.CharField(_("Art"), max_length=8, choices=Kind, default=Kind.MEASURE)
    summary = models.CharField(_("Kurz gesagt"), max_length=300)
    description = models.TextField(_("Beschreibung"), blank=True)
    field = models.ForeignKey(
        FieldOfAction, on_delete=models.PROTECT, related_name="measures", verbose_name=_("Handlungsfeld")
    )
    goal = models.ForeignKey(
        Goal,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name=_("Ziel"),
    )
    lead = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        related_name="led_measures",
        verbose_name=_("Federführung"),
    )
    partners = models.ManyToManyField(
        Organization, blank=True, related_name="partnered_measures", verbose_name=_("Beteiligte")
    )
    contacts = models.ManyToManyField(
        Person,
        blank=True,
        related_name="measures_in_charge",
        verbose_name=_("Ansprechpersonen der Federführung"),
        help_text=_("dürfen den Sachstand dieser Maßnahme fortschreiben"),
    )
    strands = models.ManyToManyField(Strand, related_name="measures", verbose_name=_("Dialogstränge"))
    districts = models.ManyToManyField(
        District,
        blank=True,
        related_name="measures",
        verbose_name=_("Ortsteile"),
        help_text=_("leer heißt: ganze Stadt"),
    )
    guidelines = models.ManyToManyField(
        Guideline, blank=True, related_name="measures", verbose_name=_("dient den Leitlinien")
    )
    recommended_by = models.ManyToManyField(
        Recommendation, blank=True, related_name="measures", verbose_name=_("empfohlen in")
    )
    decided_in = models.ManyToManyField(
        ResolutionPoint, blank=True, related_name="measures", verbose_name=_("beschlossen in")
    )
    state = FSMField(_("Stand"), choices=State.choices, default=State.PROPOSED, protected=True)
    progress = models.PositiveSmallIntegerField(
        _("Fortschritt in Prozent"), default=0, validators=[MaxValueValidator(100)]
    )
    starts_on = models.DateField(_("Beginn"), null=True, blank=True)
    ends_on = models.DateField(_("Ende"), null=True, blank=True)
    date_precision = models.CharField(
        _("Genauigkeit der Daten"), max_length=5, choices=DatePrecision, default=DatePrecision.MONTH
    )
    funding = models.CharField(_("Förderung"), max_length=200, blank=True)
    last_news_on = models.DateField(_("letzte Neuigkeit"))
    stop_reason = models.TextField(_("Warum eingestellt"), blank=True)

    objects = MeasureQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search_text"])

    class Meta:
        verbose_name = _("Maßnahme")
        verbose_name_plural = _("Maßnahmen")
        ordering = ["-last_news_on", "number"]
        indexes = [
            models.Index(fields=["-last_news_on", "number"]),
            models.Index(fields=["title"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="measure_progress_to_100"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="measure_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(state="done") | Q(progress=100), name="measure_done_is_complete"),
            models.CheckConstraint(
                condition=~Q(state="stopped") | ~Q(stop_reason=""), name="measure_stopped_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("measure", args=[self.number, self.slug])

    def standing_on(self, today: dt.date) -> Standing:
        """The row's `Standing` as of `today`; the same rule as `with_standing`."""
        if self.state in self.UNFINISHED and self.last_news_on < today - QUIET_AFTER:
            return Standing.QUIET
        return Standing(self.state)

    @transition(state, State.PROPOSED, State.DECIDED, permission="measures.run_measure")
    def decide(self) -> None: ...

    @transition(state, State.DECIDED, State.IN_PROGRESS, permission="measures.update_measure")
    def begin(self) -> None: ...

    @transition(state, State.IN_PROGRESS, State.DONE, permission="measures.update_measure")
    def complete(self) -> None:
        self.progress = 100

    @transition(state, [State.DECIDED, State.IN_PROGRESS], State.STOPPED, permission="measures.run_measure")
    def stop(self, *, reason: str) -> None:
        self.stop_reason = reason


class ProgressUpdateQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ProgressUpdateQuerySet":
        """As public as the measure it is about; asked row by row, so that the others are never read."""
        return self.filter(Exists(Measure.objects.visible_to(user).filter(pk=OuterRef("measure"))))


class ProgressUpdate(Recorded):
    """Sachstand und Ausblick of a measure on a day."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="updates", verbose_name=_("Maßnahme"))
    date = models.DateField(_("vom"))
    status = models.CharField(_("Stand"), max_length=12, choices=Measure.State)
    progress = models.PositiveSmallIntegerField(_("Fortschritt in Prozent"), validators=[MaxValueValidator(100)])
    text = models.TextField(_("Was geschehen ist"))
    outlook = models.TextField(_("Ausblick"), blank=True)

    objects = ProgressUpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sachstand")
        verbose_name_plural = _("Sachstände")
        ordering = ["-date", "-pk"]
        indexes = [models.Index(fields=["measure", "-date"])]
        constraints = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="progress_update_to_100"),
            models.UniqueConstraint(
                fields=["measure", "date"],
                name="progress_update_one_a_day",
                violation_error_message=_("Für diesen Tag gibt es schon einen Sachstand."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure}, {self.date:%d.%m.%Y}"


class MeasureMilestone(Recorded):
    """A step of a measure: planned, then done."""

    measure = models.ForeignKey(
        Measure, on_delete=models.CASCADE, related_name="milestones", verbose_name=_("Maßnahme")
    )
    position = models.PositiveSmallIntegerField(_("Reihenfolge"))
    name = models.CharField(_("Name"), max_length=160)
    due_on = models.DateField(_("geplant für"), null=True, blank=True)
    date_precision = models.CharField(
        _("Genauigkeit des Datums"), max_length=5, choices=DatePrecision, default=DatePrecision.MONTH
    )
    done_on = models.DateField(_("erreicht am"), null=True, blank=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Meilenstein der Maßnahme")
        verbose_name_plural = _("Meilensteine der Maßnahme")
        ordering = ["measure", "position"]
        constraints = [models.UniqueConstraint(fields=["measure", "position"], name="measure_milestone_position_once")]

    def __str__(self) -> str:
        return self.name
