"""Tables of the council side that are read from a file."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dialog.models import Document
from dialog.models.people import runs_the_process


class TableImportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "TableImportQuerySet":
        """Imports are the planning group's."""
        return self if runs_the_process(user) else self.none()


class TableImport(models.Model):
    """A file with rows of one kind: read and checked row by row, then applied as a whole or not at all."""

    class Kind(models.TextChoices):
        MEASURES = "measures", _("Maßnahmen")
        UPDATES = "updates", _("Sachstände")
        VALUES = "values", _("Werte der Kennzahlen")
        RECOMMENDATIONS = "recommendations", _("Handlungsempfehlungen")
        RESOLUTIONS = "resolutions", _("Ratsbeschlüsse")
        POINTS = "points", _("Beschlusspunkte")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("wird geprüft")
        FAULTY = "faulty", _("enthält Fehler")
        CHECKED = "checked", _("geprüft")
        APPLIED = "applied", _("übernommen")

    kind = models.CharField(_("Art"), max_length=15, choices=Kind)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", verbose_name=_("Datei"))
    state = models.CharField(_("Stand"), max_length=8, choices=State, default=State.UPLOADED)
    #: How many rows are new, changed, unchanged, faulty.
    counts = models.JSONField(default=dict, editable=False)
    #: The first rows that would change, and all faults up to a limit.
    rows = models.JSONField(default=list, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(_("vom"))

    objects = TableImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("Import")
        verbose_name_plural = _("Importe")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.document.filename

    def get_absolute_url(self) -> str:
        return reverse("workspace_table_import", args=[self.pk])
