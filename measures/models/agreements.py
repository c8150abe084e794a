from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dialog.models import (
    DatePrecision,
    District,
    FieldOfAction,
    Organization,
    Process,
    Recorded,
    Searchable,
    SearchableQuerySet,
)

from .measures import Measure


class AgreementQuerySet(SearchableQuerySet):
    def visible_to(self, user: object) -> "AgreementQuerySet":
        """Cooperation agreements are public."""
        return self


class CooperationAgreement(Recorded, Searchable):
    """Kooperationsvereinbarung: a concrete agreement between institutions in a district."""

    search_fields = ("title", "text", "parties_text")

    title = models.CharField(_("Titel"), max_length=160, unique=True)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    text = models.TextField(_("Was vereinbart ist"))
    parties = models.ManyToManyField(
        Organization, blank=True, related_name="agreements", verbose_name=_("Vertragspartner")
    )
    parties_text = models.CharField(_("Beteiligte, wenn nicht namentlich bekannt"), max_length=250, blank=True)
    districts = models.ManyToManyField(District, blank=True, related_name="agreements", verbose_name=_("Ortsteile"))
    field = models.ForeignKey(
        FieldOfAction, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("Handlungsfeld")
    )
    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("Prozess"))
    measure = models.ForeignKey(
        Measure,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("Maßnahme"),
    )
    concluded_on = models.DateField(_("geschlossen"))
    date_precision = models.CharField(
        _("Genauigkeit des Datums"), max_length=5, choices=DatePrecision, default=DatePrecision.DAY
    )
    ended_on = models.DateField(_("beendet am"), null=True, blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("Kooperationsvereinbarung")
        verbose_name_plural = _("Kooperationsvereinbarungen")
        ordering = ["-concluded_on", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("concluded_on")),
                name="agreement_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('agreements')}#{self.slug}"
