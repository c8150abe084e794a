"""The fixed axes along which everything is sorted: field of action, strand of the dialogue, district."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .base import Recorded


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
    """Ortsteil / Sozialraum."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    slug = models.SlugField(_("Adresse"), unique=True)

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Ortsteil")
        verbose_name_plural = _("Ortsteile")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
