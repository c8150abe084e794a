from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dialog.models import Document

from .measures import Measure


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "AttachmentQuerySet":
        """As public as the measure it belongs to."""
        return self.filter(Exists(Measure.objects.visible_to(user).filter(pk=OuterRef("measure"))))


class Attachment(models.Model):
    """A document or picture of a measure. A picture has an alternative text, its size, and a smaller copy."""

    measure = models.ForeignKey(
        Measure, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("Maßnahme")
    )
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+", verbose_name=_("Datei"))
    alternative = models.CharField(
        _("Alternativtext"),
        max_length=300,
        blank=True,
        help_text=_("Nur für Bilder, dort Pflicht: was zu sehen ist, für alle, die es nicht sehen können."),
    )
    credit = models.CharField(_("Urheber"), max_length=120, blank=True)
    small = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kleine Fassung")
    )
    width = models.PositiveIntegerField(_("Breite"), null=True, blank=True)
    height = models.PositiveIntegerField(_("Höhe"), null=True, blank=True)
    small_width = models.PositiveIntegerField(_("Breite der kleinen Fassung"), null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Anlage einer Maßnahme")
        verbose_name_plural = _("Anlagen von Maßnahmen")
        ordering = ["measure", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(small=None, width=None, height=None, small_width=None)
                | (~Q(alternative="") & Q(small__isnull=False, width__gt=0, height__gt=0, small_width__gt=0)),
                name="attachment_picture_has_an_alternative",
            )
        ]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def is_picture(self) -> bool:
        return self.small_id is not None

    def clean(self) -> None:
        if self.is_picture and not self.alternative:
            raise ValidationError(
                {"alternative": _("Bitte beschreiben Sie in einem Satz, was auf dem Bild zu sehen ist.")}
            )
