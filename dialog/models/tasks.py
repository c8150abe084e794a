"""What a meeting or a conference asks of people: who does what by when."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .base import Recorded
from .bodies import Body
from .meetings import AgendaItem
from .people import Person, body_ids, led_body_ids, runs_the_process


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "TaskQuerySet":
        """A body's tasks are for its members, whoever has to do them, and the planning group."""
        if runs_the_process(user):
            return self
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(body__in=body_ids(user)) | Q(assignee__user=user))

    def finishable_by(self, user: Any) -> "TaskQuerySet":
        """Tasks that `user` may call done: their own, those of bodies they lead, and the planning group all."""
        if runs_the_process(user):
            return self
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(body__in=led_body_ids(user)) | Q(assignee__user=user))

    def given_at(self, kind: type[models.Model], occasion: models.Model | None = None) -> "TaskQuerySet":
        """Tasks given at occasions of this kind (conferences, say), or at the one named."""
        found = self.filter(occasion_type=ContentType.objects.get_for_model(kind))
        return found.filter(occasion_id=occasion.pk) if occasion else found

    def open(self) -> "TaskQuerySet":
        """What is still to be done, the most urgent first."""
        return self.filter(done_on=None).order_by(models.F("due_on").asc(nulls_last=True), "pk")

    def overdue(self, today: dt.date) -> "TaskQuerySet":
        """Open, and due before `today`."""
        return self.open().filter(due_on__lt=today)

    def to_remind(self, today: dt.date, *, days: int) -> "TaskQuerySet":
        """Open tasks due within `days` (or overdue) of which nobody has reminded whoever has to do them."""
        return self.open().filter(due_on__lte=today + dt.timedelta(days=days), reminded_at=None, assignee__isnull=False)


class Task(Recorded):
    """Arbeitsauftrag: who does what by when."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("Gremium"))
    agenda_item = models.ForeignKey(
        AgendaItem,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("Tagesordnungspunkt"),
    )
    occasion_type = models.ForeignKey(
        ContentType, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    occasion_id = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    #: What gave the task if it was no meeting: public, with a page of its own.
    occasion = GenericForeignKey("occasion_type", "occasion_id")
    title = models.CharField(_("Was ist zu tun"), max_length=200)
    assignee = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("zuständig"),
    )
    due_on = models.DateField(_("bis"), null=True, blank=True)
    done_on = models.DateField(_("erledigt am"), null=True, blank=True)
    done_note = models.TextField(_("Was daraus wurde"), max_length=2000, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    reminded_at = models.DateTimeField(_("erinnert am"), null=True, blank=True, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("Arbeitsauftrag")
        verbose_name_plural = _("Arbeitsaufträge")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["occasion_type", "occasion_id"])]

    def __str__(self) -> str:
        return self.title
