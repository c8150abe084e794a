"""Meetings of bodies: agenda, minutes, and the tasks they give."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition
from simple_history.models import HistoricalRecords

from .base import Recorded
from .bodies import Body
from .people import Person, body_ids, runs_the_process


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "MeetingQuerySet":
        """Public meetings for all, non-public ones for the body's members and the planning group."""
        if runs_the_process(user):
            return self
        return self.filter(Q(is_public=True) | Q(body__in=body_ids(user)))

    def coming(self, now: dt.datetime) -> "MeetingQuerySet":
        """Meetings that have not ended at `now` and are still on, the next one first."""
        return self.filter(ends_at__gte=now).exclude(state=Meeting.State.CANCELLED).order_by("starts_at")

    def between(self, first: dt.date, last: dt.date) -> "MeetingQuerySet":
        """Meetings that began in the days from `first` to `last`, both included."""
        return self.filter(starts_at__date__gte=first, starts_at__date__lte=last)


class Meeting(ConcurrentTransitionMixin, Recorded):
    """Sitzung of one body."""

    class State(models.TextChoices):
        PLANNED = "planned", _("geplant")
        HELD = "held", _("durchgeführt")
        CANCELLED = "cancelled", _("abgesagt")

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="meetings", verbose_name=_("Gremium"))
    title = models.CharField(_("Titel"), max_length=160, blank=True)
    starts_at = models.DateTimeField(_("Beginn"))
    ends_at = models.DateTimeField(_("Ende"))
    place = models.CharField(_("Ort"), max_length=160, blank=True)
    is_public = models.BooleanField(_("öffentlich"), default=False)
    state = FSMField(_("Stand"), choices=State.choices, default=State.PLANNED, protected=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sitzung")
        verbose_name_plural = _("Sitzungen")
        ordering = ["-starts_at"]
        indexes = [models.Index(fields=["starts_at"])]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start")]

    def __str__(self) -> str:
        return self.title or self.body.full_name

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.pk])

    @transition(state, State.PLANNED, State.HELD, permission="dialog.run_meeting")
    def hold(self) -> None: ...

    @transition(state, State.PLANNED, State.CANCELLED, permission="dialog.run_meeting")
    def cancel(self) -> None: ...


class AgendaItemQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "AgendaItemQuerySet":
        """Public items of visible meetings; the body's members and the planning group see all items."""
        if runs_the_process(user):
            return self
        return self.filter(Q(is_public=True, meeting__is_public=True) | Q(meeting__body__in=body_ids(user)))


class AgendaItem(Recorded):
    """Tagesordnungspunkt."""

    class Kind(models.TextChoices):
        INFORMATION = "information", _("Information")
        DEBATE = "debate", _("Beratung")
        DECISION = "decision", _("Beschluss")

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="agenda_items", verbose_name=_("Sitzung")
    )
    position = models.PositiveSmallIntegerField(_("TOP"))
    title = models.CharField(_("Titel"), max_length=200)
    kind = models.CharField(_("Art"), max_length=12, choices=Kind, default=Kind.DEBATE)
    is_public = models.BooleanField(_("öffentlich"), default=True)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("Tagesordnungspunkt")
        verbose_name_plural = _("Tagesordnung")
        ordering = ["meeting", "position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="agenda_item_position_once_a_meeting")
        ]

    def __str__(self) -> str:
        return self.title


class MinutesQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "MinutesQuerySet":
        """Published minutes of public meetings for all; the body's members from the review on; planning group all."""
        if runs_the_process(user):
            return self
        seen = Q(state=Minutes.State.PUBLISHED, meeting__is_public=True)
        inside = Q(meeting__body__in=body_ids(user)) & ~Q(state=Minutes.State.DRAFT)
        return self.filter(seen | inside)


class Minutes(ConcurrentTransitionMixin, Recorded):
    """Niederschrift of a meeting: drafted, reviewed, approved, published."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Entwurf")
        IN_REVIEW = "in_review", _("in Durchsicht")
        APPROVED = "approved", _("genehmigt")
        PUBLISHED = "published", _("veröffentlicht")

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes", verbose_name=_("Sitzung"))
    text = models.TextField(_("Text"), blank=True)
    state = FSMField(_("Stand"), choices=State.choices, default=State.DRAFT, protected=True)
    published_at = models.DateTimeField(_("veröffentlicht am"), null=True, blank=True)

    objects = MinutesQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("Niederschrift")
        verbose_name_plural = _("Niederschriften")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
                name="minutes_published_has_a_date",
            )
        ]

    def __str__(self) -> str:
        return str(self.meeting)

    @transition(state, State.DRAFT, State.IN_REVIEW, permission="dialog.write_minutes")
    def submit(self) -> None: ...

    @transition(state, State.IN_REVIEW, State.DRAFT, permission="dialog.write_minutes")
    def reopen(self) -> None: ...

    @transition(state, State.IN_REVIEW, State.APPROVED, permission="dialog.approve_minutes")
    def approve(self) -> None: ...

    @transition(state, State.APPROVED, State.PUBLISHED, permission="dialog.publish_minutes")
    def publish(self, *, published_at: dt.datetime) -> None:
        self.published_at = published_at


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "TaskQuerySet":
        """A body's tasks are for its members, whoever has to do them, and the planning group."""
        if runs_the_process(user):
            return self
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(body__in=body_ids(user)) | Q(assignee__user=user))


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

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("Arbeitsauftrag")
        verbose_name_plural = _("Arbeitsaufträge")
        ordering = ["due_on", "pk"]

    def __str__(self) -> str:
        return self.title
