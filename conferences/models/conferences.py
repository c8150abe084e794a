"""The yearly conference that gathers everyone, and the single conferences before it."""

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dialog.models import (
    Body,
    Declaration,
    Process,
    Recommendation,
    Recorded,
    Searchable,
    SearchableQuerySet,
)
from dialog.models.fields import OpenQuerySet


class ConferenceQuerySet(SearchableQuerySet):
    def visible_to(self, user: object) -> "ConferenceQuerySet":
        """Conferences are public."""
        return self

    def coming(self, today: dt.date) -> "ConferenceQuerySet":
        return self.filter(date__gte=today).order_by("date")


class Conference(Recorded, Searchable):
    """Jahreskonferenz, or a single conference of a process; `slug` is the year for the yearly ones."""

    class Kind(models.TextChoices):
        ANNUAL = "annual", _("Jahreskonferenz")
        KICK_OFF = "kick_off", _("Auftaktveranstaltung")
        INTERIM = "interim", _("Zwischenkonferenz")
        EDUCATION = "education", _("Bildungskonferenz")

    search_fields = ("title", "summary", "place")

    title = models.CharField(_("Titel"), max_length=160)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    kind = models.CharField(_("Art"), max_length=10, choices=Kind, default=Kind.ANNUAL)
    date = models.DateField(_("Datum"))
    starts_at = models.TimeField(_("Beginn"), null=True, blank=True)
    place = models.CharField(_("Ort"), max_length=160, blank=True)
    summary = models.TextField(_("Worum es geht"), blank=True)
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="conferences", verbose_name=_("Prozess")
    )
    declarations = models.ManyToManyField(
        Declaration, blank=True, related_name="conferences", verbose_name=_("verabschiedete Erklärungen")
    )

    objects = ConferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("Konferenz")
        verbose_name_plural = _("Konferenzen")
        ordering = ["-date"]
        constraints = [
            models.UniqueConstraint(
                models.functions.ExtractYear("date"),
                condition=Q(kind="annual"),
                name="conference_one_annual_a_year",
                violation_error_message=_("In diesem Jahr gibt es schon eine Jahreskonferenz."),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("conference", args=[self.slug])


class ProgrammeItem(Recorded):
    """Programmpunkt."""

    conference = models.ForeignKey(
        Conference, on_delete=models.CASCADE, related_name="programme", verbose_name=_("Konferenz")
    )
    position = models.PositiveSmallIntegerField(_("Reihenfolge"))
    starts_at = models.TimeField(_("Beginn"), null=True, blank=True)
    title = models.CharField(_("Titel"), max_length=200)
    text = models.TextField(_("Beschreibung"), blank=True)
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="programme_items",
        verbose_name=_("Gremium"),
    )

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Programmpunkt")
        verbose_name_plural = _("Programm")
        ordering = ["conference", "position"]
        constraints = [
            models.UniqueConstraint(fields=["conference", "position"], name="programme_position_once_a_conference")
        ]

    def __str__(self) -> str:
        return self.title


class DebateQuerySet(models.QuerySet):
    def visible_to(self, user: object) -> "DebateQuerySet":
        """As public as the recommendation it is about; asked row by row, so that the others are never read."""
        return self.filter(Exists(Recommendation.objects.visible_to(user).filter(pk=OuterRef("recommendation"))))


class Debate(Recorded):
    """A recommendation at a conference, with its outcome."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("noch offen")
        ADOPTED = "adopted", _("angenommen")
        CHANGED = "changed", _("mit Änderungen angenommen")
        REFERRED = "referred", _("zurück an die Arbeitsgruppe")
        NOT_ADOPTED = "not_adopted", _("nicht angenommen")

    conference = models.ForeignKey(
        Conference, on_delete=models.PROTECT, related_name="debates", verbose_name=_("Konferenz")
    )
    recommendation = models.ForeignKey(
        Recommendation,
        on_delete=models.PROTECT,
        related_name="debates",
        verbose_name=_("Handlungsempfehlung"),
    )
    outcome = models.CharField(_("Ergebnis"), max_length=12, choices=Outcome, default=Outcome.OPEN)
    note = models.TextField(_("Anmerkung"), blank=True)

    objects = DebateQuerySet.as_manager()

    class Meta:
        verbose_name = _("Beratung einer Empfehlung")
        verbose_name_plural = _("Beratungen von Empfehlungen")
        ordering = ["conference__date"]
        constraints = [
            models.UniqueConstraint(fields=["conference", "recommendation"], name="debate_once_a_conference")
        ]

    def __str__(self) -> str:
        return f"{self.recommendation} · {self.conference}"
