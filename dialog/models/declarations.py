from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .base import Recorded, Searchable, SearchableQuerySet
from .fields import OpenQuerySet
from .organizations import Organization
from .processes import Process


class DeclarationQuerySet(SearchableQuerySet):
    def visible_to(self, user: object) -> "DeclarationQuerySet":
        """Declarations are public."""
        return self


class Declaration(Recorded, Searchable):
    """Erklärung: a text that institutions join."""

    search_fields = ("title", "text")

    title = models.CharField(_("Titel"), max_length=160, unique=True)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    text = models.TextField(_("Text"))
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="declarations", verbose_name=_("Prozess")
    )
    adopted_on = models.DateField(_("verabschiedet am"))
    signatories = models.ManyToManyField(Organization, through="Signature", related_name="declarations")

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Erklärung")
        verbose_name_plural = _("Erklärungen")
        ordering = ["-adopted_on"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("declaration", args=[self.slug])


class Signature(Recorded):
    """Beitritt of an institution to a declaration."""

    declaration = models.ForeignKey(
        Declaration, on_delete=models.CASCADE, related_name="signatures", verbose_name=_("Erklärung")
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("Institution")
    )
    signed_on = models.DateField(_("beigetreten am"))

    class Meta:
        verbose_name = _("Beitritt")
        verbose_name_plural = _("Beitritte")
        ordering = ["signed_on", "organization__name"]
        constraints = [
            models.UniqueConstraint(fields=["declaration", "organization"], name="signature_once_an_organization")
        ]

    def __str__(self) -> str:
        return str(self.organization)


class Principle(Recorded):
    """A rule of the dialogue, welcomed by point 7 of the resolution of 30 October 2008."""

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="principles", verbose_name=_("Prozess"))
    position = models.PositiveSmallIntegerField(_("Reihenfolge"))
    title = models.CharField(_("Titel"), max_length=120)
    text = models.TextField(_("Text"))

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Grundsatz")
        verbose_name_plural = _("Grundsätze")
        ordering = ["process", "position"]
        constraints = [
            models.UniqueConstraint(fields=["process", "position"], name="principle_position_once_a_process")
        ]

    def __str__(self) -> str:
        return self.title
