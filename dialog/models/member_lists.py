"""What the planning group does with a whole list of members: importing it, writing to it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .bodies import Body
from .documents import Document
from .people import Person, led_body_ids, runs_the_process


class MemberImportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "MemberImportQuerySet":
        """Lists of members are the planning group's."""
        return self if runs_the_process(user) else self.none()


class MemberImport(models.Model):
    """A file with members: read and checked row by row, then applied as a whole or not at all."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("wird geprüft")
        FAULTY = "faulty", _("enthält Fehler")
        CHECKED = "checked", _("geprüft")
        APPLIED = "applied", _("übernommen")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="imports", verbose_name=_("Gremium"))
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", verbose_name=_("Datei"))
    state = models.CharField(_("Stand"), max_length=8, choices=State, default=State.UPLOADED)
    #: Row by row what would change: {"row", "kind", "cells": [[before, after], ...], "errors": [[column, text], ...]}.
    rows = models.JSONField(default=list, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("vom"))

    objects = MemberImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("Import von Mitgliedern")
        verbose_name_plural = _("Importe von Mitgliedern")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.document.filename

    def get_absolute_url(self) -> str:
        return reverse("workspace_member_import", args=[self.pk])


class GroupMailQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "GroupMailQuerySet":
        """For who may write to the members: the planning group, and chairs of the body."""
        return self if runs_the_process(user) else self.filter(body__in=led_body_ids(user))


class GroupMail(models.Model):
    """A mail to the members of a body: written, looked at, tested, sent."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="mails", verbose_name=_("Gremium"))
    subject = models.CharField(_("Betreff"), max_length=150)
    text = models.TextField(_("Text"), max_length=10000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("geschrieben am"))
    released_at = models.DateTimeField(_("zum Versand gegeben am"), null=True, blank=True)
    sent_to = models.ManyToManyField(Person, blank=True, related_name="+", verbose_name=_("verschickt an"))

    objects = GroupMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("Nachricht an ein Gremium")
        verbose_name_plural = _("Nachrichten an Gremien")
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("workspace_group_mail", args=[self.pk])
