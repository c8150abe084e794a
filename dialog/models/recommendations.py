from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition
from simple_history.models import HistoricalRecords

from .base import DatePrecision, Numbered, Recorded, Searchable, SearchableQuerySet, plausible_day
from .bodies import Body
from .fields import FieldOfAction, Strand
from .meetings import AgendaItem
from .organizations import Organization
from .people import body_ids, runs_the_process


class RecommendationQuerySet(SearchableQuerySet):
    def visible_to(self, user: Any) -> "RecommendationQuerySet":
        """Everyone sees what was presented; drafts only the body's members and the planning group."""
        if runs_the_process(user):
            return self
        return self.filter(~Q(state=Recommendation.State.DRAFTED) | Q(body__in=body_ids(user)))


class Recommendation(ConcurrentTransitionMixin, Recorded, Searchable, Numbered):
    """Handlungsempfehlung: from a body, to named addressees, discussed at an annual conference."""

    class State(models.TextChoices):
        DRAFTED = "drafted", _("im Entwurf")
        PRESENTED = "presented", _("vorgestellt")
        ADOPTED = "adopted", _("angenommen")
        NOT_ADOPTED = "not_adopted", _("nicht angenommen")
        TAKEN_UP = "taken_up", _("aufgegriffen")
        DONE = "done", _("umgesetzt")
        REJECTED = "rejected", _("nicht weiterverfolgt")

    search_fields = ("number", "title", "wording")

    title = models.CharField(_("Titel"), max_length=160)
    slug = models.SlugField(_("Adresse"), max_length=80)
    wording = models.TextField(_("Wortlaut"))
    body = models.ForeignKey(
        Body, on_delete=models.PROTECT, related_name="recommendations", verbose_name=_("empfohlen von")
    )
    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="recommendations",
        verbose_name=_("beraten unter"),
    )
    field = models.ForeignKey(
        FieldOfAction,
        on_delete=models.PROTECT,
        related_name="recommendations",
        verbose_name=_("Handlungsfeld"),
    )
    strands = models.ManyToManyField(
        Strand, blank=True, related_name="recommendations", verbose_name=_("Dialogstränge")
    )
    state = FSMField(_("Stand"), choices=State.choices, default=State.DRAFTED, protected=True)
    date = models.DateField(_("vom"), validators=[plausible_day])
    date_precision = models.CharField(
        _("Genauigkeit des Datums"), max_length=5, choices=DatePrecision, default=DatePrecision.DAY
    )
    outcome = models.TextField(_("Was daraus wurde"), blank=True)

    objects = RecommendationQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search_text"])

    class Meta:
        verbose_name = _("Handlungsempfehlung")
        verbose_name_plural = _("Handlungsempfehlungen")
        ordering = ["-date", "number"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["rejected", "not_adopted"]) | ~Q(outcome=""),
                name="recommendation_rejected_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("recommendation", args=[self.number, self.slug])

    @property
    def is_waiting(self) -> bool:
        """Presented or adopted, and nobody has taken it up or declined it."""
        return self.state in {self.State.PRESENTED, self.State.ADOPTED}

    @property
    def is_taken_up_silently(self) -> bool:
        """Taken up, and nobody has said what came of that."""
        return self.state == self.State.TAKEN_UP and not self.outcome

    @transition(state, State.DRAFTED, State.PRESENTED, permission="dialog.run_recommendation")
    def present(self) -> None: ...

    @transition(state, State.PRESENTED, State.ADOPTED, permission="dialog.run_recommendation")
    def adopt(self) -> None: ...

    @transition(state, State.PRESENTED, State.NOT_ADOPTED, permission="dialog.run_recommendation")
    def turn_down(self, *, reason: str) -> None:
        self.outcome = reason

    @transition(state, [State.PRESENTED, State.ADOPTED], State.TAKEN_UP, permission="dialog.run_recommendation")
    def take_up(self) -> None: ...

    @transition(state, State.TAKEN_UP, State.DONE, permission="dialog.run_recommendation")
    def complete(self) -> None: ...

    @transition(
        state,
        [State.PRESENTED, State.ADOPTED, State.TAKEN_UP],
        State.REJECTED,
        permission="dialog.run_recommendation",
    )
    def reject(self, *, reason: str) -> None:
        self.outcome = reason


class Addressee(models.Model):
    """To whom a recommendation is addressed: a body or an institution."""

    recommendation = models.ForeignKey(
        Recommendation,
        on_delete=models.CASCADE,
        related_name="addressees",
        verbose_name=_("Handlungsempfehlung"),
    )
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="addressed_by",
        verbose_name=_("Gremium"),
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="addressed_by",
        verbose_name=_("Institution"),
    )

    class Meta:
        verbose_name = _("Adressat")
        verbose_name_plural = _("Adressaten")
        constraints = [
            models.CheckConstraint(
                condition=Q(body=None, organization__isnull=False) | Q(body__isnull=False, organization=None),
                name="addressee_is_one_body_or_organization",
            ),
            models.UniqueConstraint(fields=["recommendation", "body"], name="addressee_body_once"),
            models.UniqueConstraint(fields=["recommendation", "organization"], name="addressee_organization_once"),
        ]

    def __str__(self) -> str:
        return str(self.body or self.organization)
