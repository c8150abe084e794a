"""The fixed axes along which everything is sorted: field of action, strand of the dialogue, district."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .base import Recorded


def latitude_field() -> models.DecimalField:
    """Where something is, north to south: degrees of WGS 84, six decimals are about ten centimetres."""
    return models.DecimalField(
        _("Breite"),
        max_digits=8,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("in Grad (WGS 84), zum Beispiel 51,616700; leer lassen, wenn es keinen Punkt auf der Karte gibt"),
    )


def longitude_field() -> models.DecimalField:
    """Where something is, west to east; as `latitude_field`."""
    return models.DecimalField(
        _("Länge"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("in Grad (WGS 84), zum Beispiel 7,516700"),
    )


def on_earth(name: str) -> models.CheckConstraint:
    """Constraint of the model `name`: latitude and longitude are both there and possible, or both empty."""
    nowhere = Q(latitude=None, longitude=None)
    # Said outright, because a comparison with nothing is not false to a database.
    both = Q(latitude__isnull=False, longitude__isnull=False)
    somewhere = both & Q(latitude__range=(-90, 90), longitude__range=(-180, 180))
    return models.CheckConstraint(
        condition=nowhere | somewhere,
        name=f"{name}_is_on_earth",
        violation_error_message=_("Bitte geben Sie Breite und Länge zusammen an, oder keines von beiden."),
    )


class OpenQuerySet(models.QuerySet):
    def visible_to(self, user: object) -> "OpenQuerySet":
        """Master data that everyone may read."""
        return self


class FieldOfAction(Recorded):
    """Handlungsfeld: one of the four themes; `accent` names its colour in the style sheet."""

    class Accent(models.TextChoices):
        BILDUNG = "bildung", _("Blau")
        ARBEIT = "arbeit", _("Braun")
        STADT = "stadt", _("Grün")
        DIALOG = "dialog", _("Magenta")

    name = models.CharField(_("Name"), max_length=100, unique=True)
    slug = models.SlugField(_("Adresse"), unique=True)
    position = models.PositiveSmallIntegerField(_("Reihenfolge"), unique=True)
    accent = models.CharField(_("Farbe"), max_length=10, choices=Accent)
    summary = models.TextField(_("Worum es geht"), blank=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Handlungsfeld")
        verbose_name_plural = _("Handlungsfelder")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("field_of_action", args=[self.slug])


class Strand(Recorded):
    """Dialogstrang: which of the two merged dialogues an entry comes from; it may be both."""

    code = models.SlugField(_("Kürzel"), unique=True)
    name = models.CharField(_("Name"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("Reihenfolge"), unique=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Dialogstrang")
        verbose_name_plural = _("Dialogstränge")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class District(Recorded):
    """Ortsteil / Sozialraum; latitude and longitude are about its middle."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    slug = models.SlugField(_("Adresse"), unique=True)
    latitude = latitude_field()
    longitude = longitude_field()

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Ortsteil")
        verbose_name_plural = _("Ortsteile")
        ordering = ["name"]
        constraints = [on_earth("district")]

    def __str__(self) -> str:
        return self.name
