"""What the city wants in a field: guidelines, and the goals between them and the measures."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from dialog.models import FieldOfAction, Recorded, Strand
from dialog.models.fields import OpenQuerySet


class Guideline(Recorded):
    """Leitlinie / Zielperspektive of a field of action."""

    field = models.ForeignKey(
        FieldOfAction, on_delete=models.PROTECT, related_name="guidelines", verbose_name=_("Handlungsfeld")
    )
    position = models.PositiveSmallIntegerField(_("Reihenfolge"))
    title = models.CharField(_("Titel"), max_length=160)
    text = models.TextField(_("Text"))

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Leitlinie")
        verbose_name_plural = _("Leitlinien")
        ordering = ["field", "position"]
        constraints = [models.UniqueConstraint(fields=["field", "position"], name="guideline_position_once_a_field")]

    def __str__(self) -> str:
        return self.title


class Goal(Recorded):
    """Ziel: what is to be reached in a field, and by which strand it was set."""

    field = models.ForeignKey(
        FieldOfAction, on_delete=models.PROTECT, related_name="goals", verbose_name=_("Handlungsfeld")
    )
    position = models.PositiveSmallIntegerField(_("Reihenfolge"))
    title = models.CharField(_("Titel"), max_length=160)
    text = models.TextField(_("Text"), blank=True)
    strands = models.ManyToManyField(Strand, related_name="goals", verbose_name=_("Dialogstränge"))

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Ziel")
        verbose_name_plural = _("Ziele")
        ordering = ["field", "position"]
        constraints = [models.UniqueConstraint(fields=["field", "position"], name="goal_position_once_a_field")]

    def __str__(self) -> str:
        return self.title
