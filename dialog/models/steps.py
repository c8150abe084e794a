from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from .people import runs_the_process


class StepQuerySet(models.QuerySet):
    def of(self, row: models.Model) -> "StepQuerySet":
        """The trace of one row, oldest first."""
        return self.filter(content_type=ContentType.objects.get_for_model(row), object_id=row.pk).order_by("at", "pk")

    def visible_to(self, user: Any) -> "StepQuerySet":
        """The trace names people, so it is the planning group's."""
        return self if runs_the_process(user) else self.none()


class Step(models.Model):
    """Trace: who moved a row from which state to which, when, and why."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    row = GenericForeignKey()
    name = models.CharField(_("Schritt"), max_length=40)
    from_state = models.CharField(_("von"), max_length=20, blank=True)
    to_state = models.CharField(_("nach"), max_length=20)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("durch"),
    )
    at = models.DateTimeField(_("am"))
    note = models.TextField(_("Anmerkung"), blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("Schritt")
        verbose_name_plural = _("Schritte")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id", "at"])]

    def __str__(self) -> str:
        return f"{self.name}: {self.from_state} → {self.to_state}"
