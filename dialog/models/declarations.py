import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from .base import Recorded, Searchable, SearchableQuerySet
from .fields import OpenQuerySet
from .organizations import Organization
from .people import Person, runs_the_process
from .processes import Process


class DeclarationQuerySet(SearchableQuerySet):
    def visible_to(self, user: object) -> "DeclarationQuerySet":
        """Declarations are public."""
        return self


class Declaration(Recorded, Searchable):
    """Erklärung: a text that institutions join."""

    search_fields = ("title", "text")

    title = models.CharField(_("Titel"), max_length=160, unique=True)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    text = models.TextField(_("Text"))
    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="declarations", verbose_name=_("Prozess")
    )
    adopted_on = models.DateField(_("verabschiedet am"))
    signatories = models.ManyToManyField(Organization, through="Signature", related_name="declarations")

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Erklärung")
        verbose_name_plural = _("Erklärungen")
        ordering = ["-adopted_on"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("declaration", args=[self.slug])


class SignatureQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "SignatureQuerySet":
        """Published ones for all; requests for whoever asked, and for the planning group, which verifies them."""
        if runs_the_process(user):
            return self
        seen = Q(state=Signature.State.PUBLISHED)
        if user.is_authenticated:
            seen |= Q(person__user=user)
        return self.filter(seen)

    def requested(self) -> "SignatureQuerySet":
        """What waits for the planning group, the oldest first."""
        return self.filter(state=Signature.State.REQUESTED).order_by("requested_at")

    def published(self) -> "SignatureQuerySet":
        return self.filter(state=Signature.State.PUBLISHED)


class Signature(ConcurrentTransitionMixin, Recorded):
    """Beitritt of an institution to a declaration; it begins as a request unless it comes from the record."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("beantragt")
        PUBLISHED = "published", _("veröffentlicht")
        DECLINED = "declined", _("abgelehnt")

    declaration = models.ForeignKey(
        Declaration, on_delete=models.CASCADE, related_name="signatures", verbose_name=_("Erklärung")
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("Institution")
    )
    state = FSMField(_("Stand"), choices=State.choices, default=State.PUBLISHED, protected=True)
    signed_on = models.DateField(_("beigetreten am"), null=True, blank=True)
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="signatures",
        verbose_name=_("beantragt von"),
    )
    requested_at = models.DateTimeField(_("beantragt am"), null=True, blank=True)
    message = models.TextField(_("Nachricht"), blank=True, max_length=2000)
    reason = models.TextField(_("Begründung"), blank=True, max_length=2000)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("Beitritt")
        verbose_name_plural = _("Beitritte")
        ordering = ["signed_on", "organization__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "organization"],
                condition=Q(state__in=["requested", "published"]),
                name="signature_once_an_organization",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(signed_on__isnull=False), name="signature_published_has_a_date"
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="signature_declined_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return str(self.organization)

    @transition(state, State.REQUESTED, State.PUBLISHED, permission="dialog.decide_signature")
    def publish(self, *, on: dt.date) -> None:
        self.signed_on = on

    @transition(state, State.REQUESTED, State.DECLINED, permission="dialog.decide_signature")
    def decline(self, *, reason: str) -> None:
        self.reason = reason


class Principle(Recorded):
    """A rule of the dialogue, welcomed by point 7 of the resolution of 30 October 2008."""

    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="principles", verbose_name=_("Prozess"))
    position = models.PositiveSmallIntegerField(_("Reihenfolge"))
    title = models.CharField(_("Titel"), max_length=120)
    text = models.TextField(_("Text"))

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("Grundsatz")
        verbose_name_plural = _("Grundsätze")
        ordering = ["process", "position"]
        constraints = [
            models.UniqueConstraint(fields=["process", "position"], name="principle_position_once_a_process")
        ]

    def __str__(self) -> str:
        return self.title
