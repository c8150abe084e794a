"""Meetings of bodies, and their agenda."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from .base import Recorded
from .bodies import Body
from .people import body_ids, minuted_body_ids, runs_the_process


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "MeetingQuerySet":
        """Public meetings for all, non-public ones for the body's members and the planning group."""
        if runs_the_process(user):
            return self
        return self.filter(Q(is_public=True) | Q(body__in=body_ids(user)))

    def coming(self, now: dt.datetime) -> "MeetingQuerySet":
        """Meetings that have not ended at `now` and are still on, the next one first."""
        return self.filter(ends_at__gte=now).exclude(state=Meeting.State.CANCELLED).order_by("starts_at")

    def minuted_by(self, user: Any) -> "MeetingQuerySet":
        """Meetings whose minutes `user` may write."""
        return self if runs_the_process(user) else self.filter(body__in=minuted_body_ids(user))

    def without_minutes(self, now: dt.datetime) -> "MeetingQuerySet":
        """Meetings that have begun, took place, and of which nobody has started the minutes."""
        return self.filter(starts_at__lte=now, minutes=None).exclude(state=Meeting.State.CANCELLED)

    def to_prepare(self, now: dt.datetime) -> "MeetingQuerySet":
        """Coming meetings of the next half year without invitation, each with the number of its `items`."""
        soon = self.coming(now).filter(invited_at=None, starts_at__gt=now, starts_at__lte=now + dt.timedelta(weeks=26))
        return soon.annotate(items=models.Count("agenda_items"))

    def on_calendar(self, first: dt.date, last: dt.date) -> "MeetingQuerySet":
        """Meetings that take place, or would have, on the days from `first` to `last`, the first one first."""
        return self.between(first, last).order_by("starts_at", "pk")

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
    year = models.PositiveSmallIntegerField(_("Jahr"), null=True, blank=True, editable=False)
    number = models.PositiveSmallIntegerField(_("Nummer im Jahr"), null=True, blank=True, editable=False)
    starts_at = models.DateTimeField(_("Beginn"))
    ends_at = models.DateTimeField(_("Ende"))
    place = models.CharField(_("Ort"), max_length=160, blank=True)
    address = models.CharField(_("Anschrift"), max_length=200, blank=True)
    room = models.CharField(_("Raum"), max_length=80, blank=True)
    access_notes = models.TextField(_("Hinweise zur Barrierefreiheit"), max_length=1000, blank=True)
    video_url = models.URLField(_("Link zur Videokonferenz"), max_length=300, blank=True)
    interpreting = models.BooleanField(_("Sprachmittlung auf Wunsch"), default=False)
    childcare = models.BooleanField(_("Kinderbetreuung auf Wunsch"), default=False)
    is_public = models.BooleanField(_("öffentlich"), default=False)
    state = FSMField(_("Stand"), choices=State.choices, default=State.PLANNED, protected=True)
    cancel_reason = models.CharField(_("Grund der Absage"), max_length=500, blank=True)
    #: How calendars know the meeting again; never changes.
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    #: Rises with every change that calendars must learn of (iCalendar SEQUENCE).
    revision = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(_("zuletzt geändert"), default=timezone.now, editable=False)
    invited_at = models.DateTimeField(_("eingeladen am"), null=True, blank=True, editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("Sitzung")
        verbose_name_plural = _("Sitzungen")
        ordering = ["-starts_at"]
        indexes = [models.Index(fields=["starts_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start"),
            models.UniqueConstraint(fields=["body", "year", "number"], name="meeting_number_once_a_body_and_year"),
        ]

    def __str__(self) -> str:
        return self.title or self.body.full_name

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.pk])

    @property
    def number_in_year(self) -> str:
        """“3. Sitzung 2026”; empty for a meeting that was never numbered."""
        if not self.number:
            return ""
        return gettext("%(number)d. Sitzung %(year)d") % {"number": self.number, "year": self.year}

    @property
    def invite_by(self) -> dt.date:
        """The last day on which the invitation keeps the body's period of notice."""
        return timezone.localdate(self.starts_at) - dt.timedelta(days=self.body.invitation_days)

    @property
    def where(self) -> str:
        """Place, room and address on one line."""
        return ", ".join(part for part in (self.place, self.room, self.address) if part)

    @property
    def minutes_long(self) -> int:
        """How long the meeting is to last, in minutes; also over a night in which the clocks change."""
        return int((self.ends_at.astimezone(dt.UTC) - self.starts_at.astimezone(dt.UTC)).total_seconds() // 60)

    @transition(state, State.PLANNED, State.HELD, permission="dialog.run_meeting")
    def hold(self) -> None: ...

    @transition(
        state,
        State.PLANNED,
        State.CANCELLED,
        permission="dialog.run_meeting",
        # What has minutes has taken place.
        conditions=[lambda meeting: not hasattr(meeting, "minutes")],
    )
    def cancel(self, *, reason: str, changed_at: dt.datetime) -> None:
        self.cancel_reason, self.changed_at = reason, changed_at
        self.revision += 1


class AgendaItemQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "AgendaItemQuerySet":
        """Public items of visible meetings; the body's members and the planning group see all items."""
        if runs_the_process(user):
            return self
        return self.filter(Q(is_public=True, meeting__is_public=True) | Q(meeting__body__in=body_ids(user)))

    def for_guests(self) -> "AgendaItemQuerySet":
        """What guests of a meeting, public or not, learn of its agenda."""
        return self.filter(is_public=True)


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
    duration = models.PositiveSmallIntegerField(
        _("Dauer in Minuten"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    presenter = models.CharField(_("Wer trägt vor"), max_length=120, blank=True)
    text = models.TextField(_("Erläuterung"), max_length=4000, blank=True)
    is_public = models.BooleanField(_("öffentlich"), default=True)
    is_standing = models.BooleanField(_("steht immer auf der Tagesordnung"), default=False, editable=False)
    about_type = models.ForeignKey(
        ContentType, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    about_id = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    #: The measure, recommendation, task or earlier item that this item is about; shown only to who may see it.
    about = GenericForeignKey("about_type", "about_id")

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


class StandingItem(Recorded):
    """What stands on every agenda of a body: at its beginning or at its end."""

    class Place(models.TextChoices):
        BEGINNING = "beginning", _("am Anfang")
        END = "end", _("am Ende")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="standing_items", verbose_name=_("Gremium"))
    place = models.CharField(_("Stelle"), max_length=10, choices=Place, default=Place.BEGINNING)
    position = models.PositiveSmallIntegerField(_("Reihenfolge"), default=1)
    title = models.CharField(_("Titel"), max_length=200)
    kind = models.CharField(_("Art"), max_length=12, choices=AgendaItem.Kind, default=AgendaItem.Kind.DEBATE)
    duration = models.PositiveSmallIntegerField(
        _("Dauer in Minuten"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    is_public = models.BooleanField(_("öffentlich"), default=True)

    class Meta:
        verbose_name = _("ständiger Tagesordnungspunkt")
        verbose_name_plural = _("ständige Tagesordnungspunkte")
        ordering = ["body", "place", "position", "pk"]

    def __str__(self) -> str:
        return self.title
