from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dialog.models import FieldOfAction, Recorded
from dialog.models.fields import OpenQuerySet

from .measures import Measure


class Indicator(Recorded):
    """Kennzahl: a time series with source and target."""

    name = models.CharField(_("Name"), max_length=160, unique=True)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    unit = models.CharField(_("Einheit"), max_length=30)
    text = models.TextField(_("Was sie misst"), blank=True)
    field = models.ForeignKey(
        FieldOfAction,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("Handlungsfeld"),
    )
    measures = models.ManyToManyField(Measure, blank=True, related_name="indicators", verbose_name=_("Maßnahmen"))
    target = models.DecimalField(_("Zielwert"), max_digits=14, decimal_places=2, null=True, blank=True)
    target_year = models.PositiveSmallIntegerField(_("Zieljahr"), null=True, blank=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Kennzahl")
        verbose_name_plural = _("Kennzahlen")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("indicator", args=[self.slug])


class IndicatorValue(Recorded):
    """One value of an indicator; the record sometimes gives only a bound."""

    class Qualifier(models.TextChoices):
        EXACT = "exact", _("genau")
        MORE_THAN = "more_than", _("mehr als")
        NEARLY = "nearly", _("knapp")

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="values", verbose_name=_("Kennzahl")
    )
    year = models.PositiveSmallIntegerField(_("Jahr"))
    value = models.DecimalField(_("Wert"), max_digits=14, decimal_places=2)
    qualifier = models.CharField(_("Genauigkeit"), max_length=9, choices=Qualifier, default=Qualifier.EXACT)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Wert")
        verbose_name_plural = _("Werte")
        ordering = ["indicator", "year"]
        constraints = [models.UniqueConstraint(fields=["indicator", "year"], name="indicator_value_once_a_year")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.year}"
