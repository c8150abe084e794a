"""A participation process with phases and milestones; two of them became the Lüner Dialog."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .base import DatePrecision, Recorded, Searchable, SearchableQuerySet
from .fields import OpenQuerySet, Strand


class ProcessQuerySet(SearchableQuerySet):
    def visible_to(self, user: object) -> "ProcessQuerySet":
        """Processes are public."""
        return self


class Process(Recorded, Searchable):
    """Dialogprozess: has a beginning, phases and an end or a successor."""

    search_fields = ("name", "summary", "aims")

    name = models.CharField(_("Name"), max_length=120, unique=True)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    summary = models.TextField(_("Worum es geht"))
    aims = models.TextField(_("Ziele"), blank=True, help_text=_("ein Ziel je Zeile"))
    funding = models.CharField(_("Förderung"), max_length=250, blank=True)
    starts_on = models.DateField(_("Beginn"))
    ends_on = models.DateField(_("Ende"), null=True, blank=True)
    date_precision = models.CharField(
        _("Genauigkeit der Daten"), max_length=5, choices=DatePrecision, default=DatePrecision.MONTH
    )
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("ging auf in"),
    )
    strands = models.ManyToManyField(Strand, related_name="processes", verbose_name=_("Dialogstränge"))

    objects = ProcessQuerySet.as_manager()

    class Meta:
        verbose_name = _("Dialogprozess")
        verbose_name_plural = _("Dialogprozesse")
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="process_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('processes')}#{self.slug}"


class Phase(Recorded):
    """A dated stretch of a process."""

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="phases", verbose_name=_("Prozess"))
    name = models.CharField(_("Name"), max_length=120)
    text = models.TextField(_("Was geschah"), blank=True, help_text=_("ein Schritt je Zeile"))
    starts_on = models.DateField(_("Beginn"))
    ends_on = models.DateField(_("Ende"), null=True, blank=True)
    date_precision = models.CharField(
        _("Genauigkeit der Daten"), max_length=5, choices=DatePrecision, default=DatePrecision.MONTH
    )

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Phase")
        verbose_name_plural = _("Phasen")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="phase_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Milestone(Recorded):
    """A dated point in a process: a kick-off, a workshop, a resolution."""

    class Kind(models.TextChoices):
        MILESTONE = "milestone", _("Meilenstein")
        WORKSHOP = "workshop", _("Workshop")
        RESOLUTION = "resolution", _("Ratsbeschluss")
        CONFERENCE = "conference", _("Konferenz")

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="milestones", verbose_name=_("Prozess"))
    kind = models.CharField(_("Art"), max_length=10, choices=Kind, default=Kind.MILESTONE)
    name = models.CharField(_("Name"), max_length=160)
    text = models.TextField(_("Beschreibung"), blank=True)
    date = models.DateField(_("Datum"))
    date_precision = models.CharField(
        _("Genauigkeit des Datums"), max_length=5, choices=DatePrecision, default=DatePrecision.DAY
    )

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Meilenstein")
        verbose_name_plural = _("Meilensteine")
        ordering = ["date", "pk"]

    def __str__(self) -> str:
        return self.name
