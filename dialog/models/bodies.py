"""Everything that meets, and who belongs to it."""

import datetime as dt
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from .base import Recorded, Searchable, SearchableQuerySet
from .fields import FieldOfAction, Strand
from .organizations import Organization
from .people import Person, body_ids, led_body_ids, runs_the_process
from .processes import Process


class BodyQuerySet(SearchableQuerySet):
    def visible_to(self, user: Any) -> "BodyQuerySet":
        """Bodies are public; what happens inside them has its own rules."""
        return self

    def working_groups(self) -> "BodyQuerySet":
        return self.filter(kind=Body.Kind.WORKING_GROUP)

    def at_work(self) -> "BodyQuerySet":
        """Bodies that still meet."""
        return self.filter(ended_on=None)

    def run_by(self, user: Any) -> "BodyQuerySet":
        """Bodies whose business `user` runs: the planning group's are all, a chair's are their own."""
        return self if runs_the_process(user) else self.filter(pk__in=led_body_ids(user))

    def joinable(self) -> "BodyQuerySet":
        """Working groups that take new members."""
        return self.working_groups().at_work().filter(is_open=True)


class Body(Recorded, Searchable):
    """Gremium: council, steering group, working group, planning group, migration council."""

    class Kind(models.TextChoices):
        COUNCIL = "council", _("Rat")
        STEERING_GROUP = "steering_group", _("Steuerungsgruppe")
        WORKING_GROUP = "working_group", _("Arbeitsgruppe")
        PLANNING_GROUP = "planning_group", _("Planungsgruppe der Verwaltung")
        ADVISORY_COUNCIL = "advisory_council", _("Migrationsrat")

    search_fields = ("name", "task", "description")

    name = models.CharField(_("Name"), max_length=120, unique=True)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    kind = models.CharField(_("Art"), max_length=16, choices=Kind)
    position = models.PositiveSmallIntegerField(_("Reihenfolge"), default=50)
    task = models.TextField(_("Aufgabe"))
    description = models.TextField(_("Beschreibung"), blank=True)
    process = models.ForeignKey(Process, on_delete=models.PROTECT, related_name="bodies", verbose_name=_("Prozess"))
    fields = models.ManyToManyField(FieldOfAction, blank=True, related_name="bodies", verbose_name=_("Handlungsfelder"))
    strands = models.ManyToManyField(Strand, blank=True, related_name="bodies", verbose_name=_("Dialogstränge"))
    founded_on = models.DateField(_("arbeitet seit"), null=True, blank=True)
    ended_on = models.DateField(_("arbeitete bis"), null=True, blank=True)
    is_open = models.BooleanField(_("nimmt neue Mitglieder auf"), default=False)
    closed_reason = models.CharField(_("Warum sie zurzeit niemanden aufnimmt"), max_length=200, blank=True)
    invitation_days = models.PositiveSmallIntegerField(
        _("Einladungsfrist in Tagen"), default=14, validators=[MaxValueValidator(120)]
    )
    quorum_percent = models.PositiveSmallIntegerField(
        _("Beschlussfähig ab (Prozent der Mitglieder)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Leer: Das Gremium kennt keine Beschlussfähigkeit."),
    )
    note = models.TextField(_("Anmerkung der Redaktion"), blank=True)

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = _("Gremium")
        verbose_name_plural = _("Gremien")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(founded_on=None) | Q(ended_on__gte=F("founded_on")),
                name="body_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(is_open=False) | Q(kind="working_group", ended_on=None),
                name="body_only_living_working_groups_are_open",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("body", args=[self.slug])

    @property
    def can_be_open(self) -> bool:
        """Whether this is a body that citizens can ask to join: a working group still at work."""
        return self.kind == self.Kind.WORKING_GROUP and self.ended_on is None

    @property
    def full_name(self) -> str:
        """The name as a sentence needs it: “Arbeitsgruppe Sport und Freizeit”."""
        if self.kind == self.Kind.WORKING_GROUP:
            return gettext("Arbeitsgruppe %(name)s") % {"name": self.name}
        return self.name


class Seat(Recorded):
    """One line of a body's composition: whom its seats are for, and how many there are; memberships hold them."""

    class Kind(models.TextChoices):
        ADMINISTRATION = "administration", _("Verwaltungsvorstand")
        COUNCIL = "council", _("Rat")
        WORKING_GROUP = "working_group", _("Arbeitsgruppen")
        ADVISORY_COUNCIL = "advisory_council", _("Migrationsrat")
        EQUAL_OPPORTUNITIES = "equal_opportunities", _("Gleichstellung")
        OTHER = "other", _("Sonstige")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="seats", verbose_name=_("Gremium"))
    position = models.PositiveSmallIntegerField(_("Reihenfolge"))
    kind = models.CharField(_("Art"), max_length=20, choices=Kind, default=Kind.OTHER)
    name = models.CharField(_("Besetzt durch"), max_length=160)
    places = models.PositiveSmallIntegerField(
        _("Zahl der Sitze"), null=True, blank=True, help_text=_("Leer, wenn die Zahl nicht festgelegt ist.")
    )

    class Meta:
        verbose_name = _("Sitz")
        verbose_name_plural = _("Zusammensetzung")
        ordering = ["body", "position"]
        constraints = [models.UniqueConstraint(fields=["body", "position"], name="seat_position_once_a_body")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet):
    def active(self) -> "MembershipQuerySet":
        return self.filter(state=Membership.State.ACTIVE)

    def open(self) -> "MembershipQuerySet":
        """What still waits for a decision or is active: at most one per person and body."""
        return self.filter(state__in=[Membership.State.REQUESTED, Membership.State.ACTIVE])

    def requested(self) -> "MembershipQuerySet":
        return self.filter(state=Membership.State.REQUESTED)

    def to_decide(self, user: Any) -> "MembershipQuerySet":
        """Requests that `user` may accept or decline, the oldest first."""
        return self.requested().filter(body__in=Body.objects.run_by(user)).order_by("requested_at")

    def visible_to(self, user: Any) -> "MembershipQuerySet":
        """Who may know that this person belongs (or wants to belong) to this body.

        Everyone: active members who hold a public office or agreed to be named. Members: their body's active
        members. Chairs: their body's requests and past members too. Planning group and operator: all. Oneself: always.
        """
        if runs_the_process(user):
            return self
        seen = Q(state=Membership.State.ACTIVE) & (Q(person__office_public=True) | Q(name_public=True))
        if user.is_authenticated:
            seen |= Q(person__user=user)
            seen |= Q(body__in=body_ids(user), state=Membership.State.ACTIVE)
            seen |= Q(body__in=led_body_ids(user))
        return self.filter(seen)


class Membership(ConcurrentTransitionMixin, Recorded):
    """A person in a body, with a role, from–to; it begins as a request unless somebody enters it."""

    class Role(models.TextChoices):
        CHAIR = "chair", _("Leitung")
        DEPUTY = "deputy", _("Stellvertretung")
        MEMBER = "member", _("Mitglied")
        EXPERT_SUPPORT = "expert_support", _("Fachliche Begleitung")
        MINUTE_TAKER = "minute_taker", _("Schriftführung")

    class State(models.TextChoices):
        REQUESTED = "requested", _("beantragt")
        ACTIVE = "active", _("aktiv")
        DECLINED = "declined", _("abgelehnt")
        WITHDRAWN = "withdrawn", _("zurückgezogen")
        ENDED = "ended", _("beendet")

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("Gremium"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("Person"))
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("spricht für"),
    )
    seat = models.ForeignKey(
        Seat,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("Sitz"),
    )
    role = models.CharField(_("Rolle"), max_length=14, choices=Role, default=Role.MEMBER)
    state = FSMField(_("Stand"), choices=State.choices, default=State.REQUESTED, protected=True)
    name_public = models.BooleanField(_("Name darf öffentlich genannt werden"), default=False)
    name_public_at = models.DateTimeField(_("darüber entschieden am"), null=True, blank=True, editable=False)
    message = models.TextField(_("Nachricht"), blank=True, max_length=2000)
    reason = models.TextField(_("Begründung"), blank=True, max_length=2000)
    requested_at = models.DateTimeField(_("beantragt am"), null=True, blank=True)
    starts_on = models.DateField(_("seit"), null=True, blank=True)
    ends_on = models.DateField(_("bis"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mitgliedschaft")
        verbose_name_plural = _("Mitgliedschaften")
        ordering = ["body", "person__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "body"],
                condition=Q(state__in=["requested", "active"]),
                name="membership_one_open_per_person_and_body",
                violation_error_message=_("Es gibt schon einen Antrag oder eine Mitgliedschaft."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "ended"]) | Q(starts_on__isnull=False),
                name="membership_active_has_a_beginning",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ends_on__isnull=False) | (~Q(state="ended") & Q(ends_on=None)),
                name="membership_ended_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="membership_declined_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.body}"

    @property
    def leads(self) -> bool:
        """Chair or deputy: decides on requests, agrees to the report."""
        return self.role in {self.Role.CHAIR, self.Role.DEPUTY}

    @property
    def role_since(self) -> dt.date | None:
        """Since when it has had its present role: the end of its last past term, else its beginning."""
        ends = [term.ends_on for term in self.terms.all()]
        return max(ends) if ends else self.starts_on

    @transition(state, State.REQUESTED, State.ACTIVE, permission="dialog.decide_membership")
    def accept(self, *, on: dt.date) -> None:
        self.starts_on = on

    @transition(state, State.REQUESTED, State.DECLINED, permission="dialog.decide_membership")
    def decline(self, *, reason: str) -> None:
        self.reason = reason

    @transition(state, State.REQUESTED, State.WITHDRAWN, permission="dialog.own_membership")
    def withdraw(self) -> None: ...

    @transition(state, State.ACTIVE, State.ENDED, permission="dialog.own_membership")
    def leave(self, *, on: dt.date) -> None:
        self.ends_on = on

    @transition(state, State.ACTIVE, State.ENDED, permission="dialog.end_membership")
    def end(self, *, on: dt.date, reason: str) -> None:
        self.ends_on, self.reason = on, reason


class TermQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "TermQuerySet":
        """Past roles are told to whoever may know of the membership."""
        return self.filter(membership__in=Membership.objects.visible_to(user))


class Term(models.Model):
    """What a membership was until it changed: a role for an institution, from–to. The membership has the present."""

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="terms", verbose_name=_("Mitgliedschaft")
    )
    role = models.CharField(_("Rolle"), max_length=14, choices=Membership.Role)
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sprach für"),
    )
    starts_on = models.DateField(_("seit"))
    ends_on = models.DateField(_("bis"))

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("Amtszeit")
        verbose_name_plural = _("Amtszeiten")
        ordering = ["membership", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="term_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.get_role_display()}"
