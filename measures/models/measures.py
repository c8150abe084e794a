"""What is actually done, and the news of it."""

import datetime as dt
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
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
from dialog.models.base import plausible_day
from dialog.models.fields import OpenQuerySet, latitude_field, longitude_field, on_earth
from dialog.models.history import as_of
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
    MERGED = "merged", _("in anderer Maßnahme aufgegangen")


class Interval(models.IntegerChoices):
    """How many days may lie between two reports on a measure."""

    QUARTER = 91, _("vierteljährlich")
    HALF_YEAR = 182, _("halbjährlich")
    YEAR = 365, _("jährlich")


class Freshness(models.TextChoices):
    """How an unfinished measure keeps its own interval: for its lead and the workspace, readers see its `Standing`."""

    CURRENT = "current", _("aktuell")
    DUE = "due", _("fällig")
    OVERDUE = "overdue", _("überfällig")


#: So long after its day news that are due become overdue.
OVERDUE_AFTER = dt.timedelta(days=30)


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

    def news_due(self, today: dt.date, *, late: dt.timedelta = dt.timedelta(0)) -> "MeasureQuerySet":
        """Unfinished measures whose news are due as of `today`, since at least `late`."""
        asked = Q()
        for interval in Interval:
            asked |= Q(interval=interval, last_news_on__lte=today - late - dt.timedelta(days=interval))
        return self.filter(asked, state__in=Measure.UNFINISHED)

    def with_freshness(self, today: dt.date) -> "MeasureQuerySet":
        """Annotates `freshness` (a `Freshness`; empty for what is finished or only proposed) as of `today`."""
        rows = Measure.objects.filter(pk=OuterRef("pk"))
        freshness = Case(
            When(~Q(state__in=Measure.UNFINISHED), then=Value("")),
            When(Exists(rows.news_due(today, late=OVERDUE_AFTER)), then=Value(Freshness.OVERDUE.value)),
            When(Exists(rows.news_due(today)), then=Value(Freshness.DUE.value)),
            default=Value(Freshness.CURRENT.value),
            output_field=models.CharField(),
        )
        return self.annotate(freshness=freshness)


def has_final_update(measure: Any) -> bool:
    """Whether a measure's news say that it is done; asked before it may be."""
    return measure.updates.filter(status=Measure.State.DONE).exists()


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
        MERGED = "merged", _("in anderer Maßnahme aufgegangen")

    UNFINISHED = (State.DECIDED, State.IN_PROGRESS)

    search_fields = ("number", "title", "summary", "description", "reason", "audience")

    title = models.CharField(_("Titel"), max_length=160)
    slug = models.SlugField(_("Adresse"), max_length=80)
    kind = models.CharField(_("Art"), max_length=8, choices=Kind, default=Kind.MEASURE)
    summary = models.CharField(_("Kurz gesagt"), max_length=300)
    description = models.TextField(_("Beschreibung"), blank=True)
    reason = models.TextField(_("Warum"), blank=True, help_text=_("welchem Mangel oder Wunsch sie abhilft"))
    audience = models.TextField(_("Für wen"), blank=True, help_text=_("wer etwas davon hat"))
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
    place = models.CharField(
        _("Ort oder Adresse"), max_length=160, blank=True, help_text=_("zum Beispiel: Overbergschule")
    )
    latitude = latitude_field()
    longitude = longitude_field()
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
    starts_on = models.DateField(_("Beginn"), null=True, blank=True, validators=[plausible_day])
    ends_on = models.DateField(_("Ende"), null=True, blank=True, validators=[plausible_day])
    date_precision = models.CharField(
        _("Genauigkeit der Daten"), max_length=5, choices=DatePrecision, default=DatePrecision.MONTH
    )
    funding = models.CharField(
        _("Förderung"), max_length=200, blank=True, help_text=_("zum Beispiel: Städtebauförderung, Soziale Stadt NRW")
    )
    budget = models.DecimalField(
        _("Geplante Kosten in Euro"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    spent = models.DecimalField(
        _("Bisher ausgegeben in Euro"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    money_public = models.BooleanField(
        _("Kosten veröffentlichen"),
        default=False,
        help_text=_("Ohne Haken sieht sie nur, wer die Maßnahme bearbeitet."),
    )
    last_news_on = models.DateField(_("letzte Neuigkeit"))
    interval = models.PositiveSmallIntegerField(
        _("Berichtsabstand"), choices=Interval, default=Interval.HALF_YEAR, help_text=_("wie oft Neues erwartet wird")
    )
    decided_by = models.CharField(
        _("entschieden durch"),
        max_length=160,
        blank=True,
        help_text=_("wer entschieden hat, wenn es kein Ratsbeschluss war"),
    )
    stop_reason = models.TextField(_("Warum eingestellt"), blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        verbose_name=_("aufgegangen in"),
    )

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
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False) | (~Q(state="merged") & Q(merged_into=None)),
                name="measure_merged_names_the_other",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="measure_not_merged_into_itself"
            ),
            on_earth("measure"),
            models.CheckConstraint(
                condition=(Q(budget=None) | Q(budget__gte=0)) & (Q(spent=None) | Q(spent__gte=0)),
                name="measure_money_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("measure", args=[self.number, self.slug])

    def standing_on(self, today: dt.date) -> Standing:
        """The row's `Standing` as of `today`."""
        return self.standing_of(self.state, self.last_news_on, today)

    @classmethod
    def standing_of(cls, state: str, last_news_on: dt.date, today: dt.date) -> Standing:
        """The `Standing` of a measure in `state` with its last news as of `today`; same rule as `with_standing`."""
        if state in cls.UNFINISHED and last_news_on < today - QUIET_AFTER:
            return Standing.QUIET
        return Standing(state)

    @classmethod
    def stood_on(cls, day: dt.date) -> dict[int, tuple[str, dt.date]]:
        """State and last news of each measure at the end of `day`, by primary key, as the field history has them."""
        rows = as_of(cls, day, "state", "last_news_on")
        return {key: (row["state"], row["last_news_on"]) for key, row in rows.items()}

    @property
    def due_on(self) -> dt.date:
        """The day by which the next news are expected, if the measure is unfinished."""
        return self.last_news_on + dt.timedelta(days=self.interval)

    def freshness_on(self, today: dt.date) -> Freshness | None:
        """The row's `Freshness` as of `today`, None if no news are expected; the same rule as `with_freshness`."""
        if self.state not in self.UNFINISHED:
            return None
        if today < self.due_on:
            return Freshness.CURRENT
        return Freshness.DUE if today < self.due_on + OVERDUE_AFTER else Freshness.OVERDUE

    @transition(state, State.PROPOSED, State.DECIDED, permission="measures.run_measure")
    def decide(self, *, decided_by: str = "") -> None:
        self.decided_by = decided_by or self.decided_by

    @transition(state, State.DECIDED, State.IN_PROGRESS, permission="measures.update_measure")
    def begin(self) -> None: ...

    @transition(
        state, State.IN_PROGRESS, State.DONE, conditions=[has_final_update], permission="measures.update_measure"
    )
    def complete(self) -> None:
        self.progress = 100

    @transition(state, [State.DECIDED, State.IN_PROGRESS], State.STOPPED, permission="measures.run_measure")
    def stop(self, *, reason: str) -> None:
        self.stop_reason = reason

    @transition(
        state,
        [State.PROPOSED, State.DECIDED, State.IN_PROGRESS],
        State.MERGED,
        permission="measures.run_measure",
    )
    def merge(self, *, into: "Measure") -> None:
        self.merged_into = into


class ProgressUpdateQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ProgressUpdateQuerySet":
        """As public as the measure it is about; asked row by row, so that the others are never read."""
        return self.filter(Exists(Measure.objects.visible_to(user).filter(pk=OuterRef("measure"))))


class ProgressUpdate(Recorded):
    """Sachstand und Ausblick of a measure on a day."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="updates", verbose_name=_("Maßnahme"))
    date = models.DateField(_("vom"), validators=[plausible_day])
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
    due_on = models.DateField(_("geplant für"), null=True, blank=True, validators=[plausible_day])
    date_precision = models.CharField(
        _("Genauigkeit des Datums"), max_length=5, choices=DatePrecision, default=DatePrecision.MONTH
    )
    done_on = models.DateField(_("erreicht am"), null=True, blank=True, validators=[plausible_day])

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Meilenstein der Maßnahme")
        verbose_name_plural = _("Meilensteine der Maßnahme")
        ordering = ["measure", "position"]
        constraints = [models.UniqueConstraint(fields=["measure", "position"], name="measure_milestone_position_once")]

    def __str__(self) -> str:
        return self.name
