import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition
from simple_history.models import HistoricalRecords

from dialog.models import Organization, Person, Process, Recorded, Searchable, SearchableQuerySet
from dialog.models.base import plausible_day
from dialog.models.fields import OpenQuerySet
from dialog.models.people import runs_the_process


class ResolutionQuerySet(SearchableQuerySet):
    def visible_to(self, user: object) -> "ResolutionQuerySet":
        """Resolutions are public."""
        return self


class Resolution(Recorded, Searchable):
    """Ratsbeschluss."""

    search_fields = ("title", "summary", "paper_number")

    title = models.CharField(_("Titel"), max_length=200)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    adopted_on = models.DateField(_("beschlossen am"), validators=[plausible_day])
    paper_number = models.CharField(_("Vorlage"), max_length=40, blank=True)
    vote = models.CharField(
        _("Abstimmung"), max_length=120, blank=True, help_text=_("zum Beispiel „einstimmig“ oder „38 Ja, 4 Nein“")
    )
    summary = models.TextField(_("Worum es geht"))
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="resolutions", verbose_name=_("Prozess")
    )

    objects = ResolutionQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search_text"])

    class Meta:
        verbose_name = _("Ratsbeschluss")
        verbose_name_plural = _("Ratsbeschlüsse")
        ordering = ["-adopted_on"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("resolution", args=[self.slug])


class ResolutionPointQuerySet(OpenQuerySet):
    def updatable_by(self, user: Any) -> "ResolutionPointQuerySet":
        """Unfinished points whose state `user` may report, the longest due first."""
        mine = self.exclude(state=ResolutionPoint.State.DONE).order_by(
            F("due_on").asc(nulls_last=True), "resolution", "position"
        )
        if runs_the_process(user):
            return mine
        return mine.filter(contacts__user=user) if user.is_authenticated else mine.none()

    def late_on(self, today: dt.date) -> "ResolutionPointQuerySet":
        """Not done on the day it was to be done by; the same rule as `ResolutionPoint.is_late_on`."""
        ongoing = Q(state=ResolutionPoint.State.ONGOING)
        return self.exclude(state=ResolutionPoint.State.DONE).filter(
            ongoing & Q(next_review_on__lt=today) | ~ongoing & Q(due_on__lt=today)
        )


class ResolutionPoint(ConcurrentTransitionMixin, Recorded):
    """Beschlusspunkt, with its own addressee and its own state of implementation."""

    class Addressee(models.TextChoices):
        COUNCIL = "council", _("Rat")
        ADMINISTRATION = "administration", _("Verwaltung")
        PARTICIPANTS = "participants", _("alle Beteiligten")

    class State(models.TextChoices):
        OPEN = "open", _("offen")
        UNDER_WAY = "under_way", _("in Umsetzung")
        ONGOING = "ongoing", _("laufend")
        DONE = "done", _("erledigt")

    resolution = models.ForeignKey(
        Resolution, on_delete=models.CASCADE, related_name="points", verbose_name=_("Ratsbeschluss")
    )
    position = models.PositiveSmallIntegerField(_("Punkt"))
    title = models.CharField(_("Kurzfassung"), max_length=160)
    text = models.TextField(_("Inhalt"))
    addressee = models.CharField(_("gerichtet an"), max_length=14, choices=Addressee)
    together_with = models.CharField(_("in Abstimmung mit"), max_length=120, blank=True)
    responsible = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resolution_points",
        verbose_name=_("zuständig"),
    )
    contacts = models.ManyToManyField(
        Person,
        blank=True,
        related_name="points_in_charge",
        verbose_name=_("Ansprechpersonen der zuständigen Stelle"),
        help_text=_("dürfen den Stand dieses Punktes melden"),
    )
    due_on = models.DateField(_("zu erledigen bis"), null=True, blank=True, validators=[plausible_day])
    late_reason = models.TextField(_("Warum es später wird"), blank=True)
    state = FSMField(_("Stand"), choices=State.choices, default=State.OPEN, protected=True)
    note = models.TextField(_("Bemerkung"), blank=True)
    next_review_on = models.DateField(_("nächste Überprüfung"), null=True, blank=True, validators=[plausible_day])
    done_on = models.DateField(_("erledigt am"), null=True, blank=True)

    objects = ResolutionPointQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("Beschlusspunkt")
        verbose_name_plural = _("Beschlusspunkte")
        ordering = ["resolution", "position"]
        constraints = [
            models.UniqueConstraint(fields=["resolution", "position"], name="resolution_point_position_once"),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on=None)),
                name="resolution_point_done_has_a_date",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('resolution', args=[self.resolution.slug])}#punkt-{self.position}"

    @property
    def expected_on(self) -> dt.date | None:
        """The day by which the office reports next: the point's date, of an ongoing one the next date; None if done."""
        if self.state == self.State.DONE:
            return None
        return self.next_review_on if self.state == self.State.ONGOING else self.due_on

    def is_late_on(self, today: dt.date) -> bool:
        """Whether the day by which the office was to report has passed."""
        return self.expected_on is not None and self.expected_on < today

    @transition(state, [State.OPEN, State.ONGOING], State.UNDER_WAY, permission="measures.update_point")
    def begin(self) -> None: ...

    @transition(state, [State.OPEN, State.UNDER_WAY], State.ONGOING, permission="measures.update_point")
    def make_ongoing(self) -> None: ...

    @transition(
        state,
        [State.OPEN, State.UNDER_WAY, State.ONGOING],
        State.DONE,
        permission="measures.update_point",
    )
    def complete(self, *, on: dt.date) -> None:
        self.done_on = on

    @transition(state, State.DONE, State.UNDER_WAY, permission="measures.update_point")
    def reopen(self) -> None:
        self.done_on = None
