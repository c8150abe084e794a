from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from .people import Person


class FollowingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "FollowingQuerySet":
        """What somebody follows is known to them alone."""
        return self.filter(person__user=user) if user.is_authenticated else self.none()

    def of(self, row: models.Model) -> "FollowingQuerySet":
        """Who follows `row`."""
        return self.filter(content_type=ContentType.objects.get_for_model(row), object_id=row.pk)


class Following(models.Model):
    """That a person wants to hear what becomes of a row (a measure, a recommendation, a body)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="followings", verbose_name=_("Person"))
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    row = GenericForeignKey()
    since = models.DateTimeField(_("seit"))

    objects = FollowingQuerySet.as_manager()

    class Meta:
        verbose_name = _("verfolgter Eintrag")
        verbose_name_plural = _("verfolgte Einträge")
        ordering = ["-since", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"])]
        constraints = [
            models.UniqueConstraint(fields=["person", "content_type", "object_id"], name="following_once_a_row")
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.row}"
