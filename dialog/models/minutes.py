"""Minutes of meetings: a text for each agenda item, decisions, corrections, and the frozen public version."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition
from simple_history.models import HistoricalRecords

from .attendance import Guest
from .base import Recorded, Searchable, SearchableQuerySet
from .documents import Document
from .meetings import AgendaItem, Meeting
from .people import Person, body_ids, minuted_body_ids, runs_the_process


class MinutesQuerySet(SearchableQuerySet):
    def visible_to(self, user: Any) -> "MinutesQuerySet":
        """Published minutes of public meetings for all, of which everyone reads the public version.

        Members read their body's from the review on, whoever takes them from the start; the planning group all.
        """
        if runs_the_process(user):
            return self
        seen = Q(state=Minutes.State.PUBLISHED, meeting__is_public=True)
        inside = Q(meeting__body__in=body_ids(user)) & ~Q(state=Minutes.State.DRAFT)
        return self.filter(seen | inside | Q(meeting__body__in=minuted_body_ids(user)))

    def internal_to(self, user: Any) -> "MinutesQuerySet":
        """Minutes of which `user` may read the full version, non-public items and names included."""
        if runs_the_process(user):
            return self
        inside = Q(meeting__body__in=body_ids(user)) & ~Q(state=Minutes.State.DRAFT)
        return self.filter(inside | Q(meeting__body__in=minuted_body_ids(user)))

    def for_members(self) -> "MinutesQuerySet":
        """What the members of their body read, whoever they are: everything from the review on."""
        return self.exclude(state=Minutes.State.DRAFT)


class Minutes(ConcurrentTransitionMixin, Recorded, Searchable):
    """Niederschrift of a meeting: drafted, reviewed, approved, published. Published ones never change."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Entwurf")
        IN_REVIEW = "in_review", _("in Durchsicht")
        APPROVED = "approved", _("genehmigt")
        PUBLISHED = "published", _("veröffentlicht")

    #: Only what everyone may read is ever found.
    search_fields = ("public_words",)

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes", verbose_name=_("Sitzung"))
    text = models.TextField(
        _("Vorbemerkung"), blank=True, max_length=20000, help_text=_("Steht auch in der öffentlichen Fassung.")
    )
    state = FSMField(_("Stand"), choices=State.choices, default=State.DRAFT, protected=True)
    review_until = models.DateField(_("Korrekturen möglich bis"), null=True, blank=True)
    approved_at = models.DateTimeField(_("genehmigt am"), null=True, blank=True)
    approved_in = models.ForeignKey(
        Meeting,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approved_minutes",
        verbose_name=_("genehmigt in der Sitzung"),
    )
    published_at = models.DateTimeField(_("veröffentlicht am"), null=True, blank=True)
    #: What everyone reads, as it stood at publication; empty for non-public meetings.
    public_content = models.JSONField(_("öffentliche Fassung"), default=dict, blank=True, editable=False)
    #: What members read, likewise: later changes of agenda, people or tasks do not reach it.
    full_content = models.JSONField(_("vollständige Fassung"), default=dict, blank=True, editable=False)
    checksum = models.CharField(_("Prüfsumme (SHA-256)"), max_length=64, blank=True, editable=False)
    public_document = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="minutes_public"
    )
    full_document = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="minutes_full"
    )

    objects = MinutesQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["search_text", "public_content", "full_content"])

    class Meta:
        verbose_name = _("Niederschrift")
        verbose_name_plural = _("Niederschriften")
        ordering = ["-meeting__starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | (~Q(state="published") & Q(published_at=None)),
                name="minutes_published_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(state="published") | Q(checksum="", public_document=None, full_document=None),
                name="minutes_frozen_only_when_published",
            ),
        ]

    def __str__(self) -> str:
        return str(self.meeting)

    def get_absolute_url(self) -> str:
        return reverse("minutes", args=[self.meeting_id])

    @property
    def is_open(self) -> bool:
        """Its text may still change."""
        return self.state in {self.State.DRAFT, self.State.IN_REVIEW}

    def takes_corrections_on(self, today: dt.date) -> bool:
        """Those who were there may propose corrections: in review, the last day included."""
        return self.state == self.State.IN_REVIEW and (self.review_until is None or today <= self.review_until)

    @property
    def public_words(self) -> str:
        """The words of the public version, for search; nothing before publication."""
        content = self.public_content or {}
        words = [content.get("text", "")]
        for item in content.get("items", []):
            words += [item["title"], strip_tags(item["text"].replace("<", " <"))]
            words += [row["wording"] for row in [*item["decisions"], *item["recommendations"]]]
        return " ".join(word for word in words if word)

    @transition(state, State.DRAFT, State.IN_REVIEW, permission="dialog.write_minutes")
    def submit(self, *, until: dt.date | None = None) -> None:
        self.review_until = until

    @transition(state, State.IN_REVIEW, State.DRAFT, permission="dialog.write_minutes")
    def reopen(self) -> None:
        self.review_until = None

    @transition(state, State.IN_REVIEW, State.APPROVED, permission="dialog.approve_minutes")
    def approve(self, *, approved_at: dt.datetime | None = None) -> None:
        self.approved_at = approved_at

    @transition(state, State.IN_REVIEW, State.APPROVED, permission="dialog.write_minutes")
    def adopt(self, *, approved_at: dt.datetime, meeting: Meeting) -> None:
        """By decision of a later meeting of the body."""
        self.approved_at, self.approved_in = approved_at, meeting

    @transition(state, State.APPROVED, State.PUBLISHED, permission="dialog.publish_minutes")
    def publish(self, *, published_at: dt.datetime) -> None:
        self.published_at = published_at


class WithinQuerySet(models.QuerySet):
    """Parts of minutes: for those who may read the full version. Everyone else reads the frozen public version."""

    def visible_to(self, user: Any) -> "WithinQuerySet":
        return self.filter(minutes__in=Minutes.objects.internal_to(user))


class MinutesEntry(models.Model):
    """What the minutes say about one agenda item; `version` tells writers apart who began from the same text."""

    minutes = models.ForeignKey(
        Minutes, on_delete=models.CASCADE, related_name="entries", verbose_name=_("Niederschrift")
    )
    agenda_item = models.OneToOneField(
        AgendaItem, on_delete=models.PROTECT, related_name="entry", verbose_name=_("Tagesordnungspunkt")
    )
    #: HTML, sanitised when it comes in.
    text = models.TextField(_("Text"), blank=True)
    version = models.PositiveIntegerField(_("Fassung"), default=0)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("zuletzt geändert"), null=True, blank=True)

    objects = WithinQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("Abschnitt der Niederschrift")
        verbose_name_plural = _("Abschnitte der Niederschrift")
        ordering = ["minutes", "agenda_item__position"]

    def __str__(self) -> str:
        return str(self.agenda_item)


class Decision(Recorded):
    """Beschluss of a meeting under an agenda item, with its votes."""

    minutes = models.ForeignKey(
        Minutes, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("Niederschrift")
    )
    agenda_item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("Tagesordnungspunkt")
    )
    wording = models.TextField(_("Wortlaut"), max_length=4000)
    unanimous = models.BooleanField(_("einstimmig"), default=False)
    yes = models.PositiveSmallIntegerField(_("Ja-Stimmen"), null=True, blank=True, validators=[MaxValueValidator(1000)])
    no = models.PositiveSmallIntegerField(
        _("Nein-Stimmen"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )
    abstained = models.PositiveSmallIntegerField(
        _("Enthaltungen"), null=True, blank=True, validators=[MaxValueValidator(1000)]
    )
    decided_at = models.DateTimeField(_("festgehalten am"))

    objects = WithinQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("Beschluss")
        verbose_name_plural = _("Beschlüsse")
        ordering = ["agenda_item__position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unanimous=False) | Q(no__isnull=True) | Q(no=0), name="decision_unanimous_without_a_no"
            )
        ]

    def __str__(self) -> str:
        return self.wording[:80]

    @property
    def votes_given(self) -> int:
        """How many voices were counted."""
        return (self.yes or 0) + (self.no or 0) + (self.abstained or 0)


class Correction(ConcurrentTransitionMixin, models.Model):
    """What somebody who was there would have said differently in the minutes in review."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("vorgeschlagen")
        TAKEN_OVER = "taken_over", _("übernommen")
        DECLINED = "declined", _("nicht übernommen")

    minutes = models.ForeignKey(
        Minutes, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("Niederschrift")
    )
    agenda_item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("Tagesordnungspunkt")
    )
    text = models.TextField(_("Was soll anders stehen?"), max_length=4000)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: Who proposed it without an account, by the link of a mail: one of these.
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    guest = models.ForeignKey(Guest, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(_("vorgeschlagen am"))
    state = FSMField(_("Stand"), choices=State.choices, default=State.PROPOSED, protected=True)
    answer = models.TextField(_("Antwort"), max_length=1000, blank=True)
    decided_at = models.DateTimeField(_("entschieden am"), null=True, blank=True)

    objects = WithinQuerySet.as_manager()

    class Meta:
        verbose_name = _("Korrekturvorschlag")
        verbose_name_plural = _("Korrekturvorschläge")
        ordering = ["proposed_at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def proposer(self) -> Person | None:
        """Whom the answer goes to; None if they are gone."""
        if self.guest:
            return self.guest.addressee
        return self.person or getattr(self.proposed_by, "person", None)

    @property
    def proposer_name(self) -> str:
        """Who proposed it, as the writers of the minutes read it."""
        if self.proposer:
            return self.proposer.name
        return self.proposed_by.get_full_name() if self.proposed_by else ""

    @property
    def body_id(self) -> int:
        return self.minutes.meeting.body_id

    @transition(state, State.PROPOSED, State.TAKEN_OVER, permission="dialog.write_minutes")
    def take_over(self, *, answer: str, decided_at: dt.datetime) -> None:
        self.answer, self.decided_at = answer, decided_at

    @transition(state, State.PROPOSED, State.DECLINED, permission="dialog.write_minutes")
    def decline(self, *, answer: str, decided_at: dt.datetime) -> None:
        self.answer, self.decided_at = answer, decided_at


class RectificationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "RectificationQuerySet":
        """Public ones stand beside the public version; the others beside the full one."""
        seen = Q(minutes__in=Minutes.objects.visible_to(user), is_public=True)
        return self.filter(seen | Q(minutes__in=Minutes.objects.internal_to(user)))


class Rectification(models.Model):
    """Berichtigung: the dated correction of a mistake in published minutes; the original stays as it is."""

    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, related_name="rectifications", verbose_name=_("Niederschrift")
    )
    text = models.TextField(_("Berichtigung"), max_length=4000)
    is_public = models.BooleanField(_("öffentlich"), default=True)
    made_at = models.DateTimeField(_("vom"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = RectificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Berichtigung")
        verbose_name_plural = _("Berichtigungen")
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        return self.text[:80]
