import uuid
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .bodies import Body
from .meetings import AgendaItem, Meeting
from .people import body_ids, runs_the_process


def random_path(document: "Document", filename: str) -> str:
    """A storage path that tells nothing of the content and cannot be guessed; the suffix stays."""
    name = uuid.uuid4().hex
    return f"documents/{name[:2]}/{name}{PurePath(filename).suffix.lower()}"


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "DocumentQuerySet":
        """Public documents for all; a body's papers for its members.

        What belongs to a non-public meeting or agenda item is never public.
        """
        if runs_the_process(user):
            return self
        public = Q(is_public=True) & (Q(meeting=None) | Q(meeting__is_public=True))
        public &= Q(agenda_item=None) | Q(agenda_item__is_public=True)
        return self.filter(public | Q(body__in=body_ids(user)))


class Document(models.Model):
    """A file, stored under a random name and served only by a view that asks `visible_to`."""

    title = models.CharField(_("Titel"), max_length=160)
    file = models.FileField(_("Datei"), upload_to=random_path, max_length=120)
    filename = models.CharField(_("Dateiname"), max_length=160)
    content_type = models.CharField(_("Dateityp"), max_length=100)
    size = models.PositiveBigIntegerField(_("Größe in Byte"))
    sha256 = models.CharField(_("Prüfsumme (SHA-256)"), max_length=64)
    is_public = models.BooleanField(_("öffentlich"), default=False)
    body = models.ForeignKey(
        Body,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("Gremium"),
    )
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("Sitzung"),
    )
    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("Tagesordnungspunkt"),
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(_("hinzugefügt am"))

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("Dokument")
        verbose_name_plural = _("Dokumente")
        ordering = ["-added_at"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("document", args=[self.pk, self.filename])
