"""Who is invited to a meeting, what they answer, and who was in the room."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .base import Recorded
from .bodies import Membership
from .meetings import Meeting
from .people import Person, body_ids, runs_the_process


class InvitedQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "InvitedQuerySet":
        """Attendance names people: it is for the body's members and the planning group, and each one's own."""
        if runs_the_process(user):
            return self
        if not user.is_authenticated:
            return self.none()
        return self.filter(self._own(user) | Q(meeting__body__in=body_ids(user)))

    def _own(self, user: Any) -> Q:
        return Q(pk__in=[])

    def invited(self) -> "InvitedQuerySet":
        """Those to whom an invitation went out."""
        return self.exclude(invited_at=None)

    def unanswered(self) -> "InvitedQuerySet":
        """Invited, and no answer yet."""
        return self.invited().filter(answer="")

    def present(self) -> "InvitedQuerySet":
        return self.filter(presence=Invited.Presence.PRESENT)


class Invited(Recorded):
    """What a member's and a guest's row of a meeting share: invitation, answer, presence."""

    class Answer(models.TextChoices):
        YES = "yes", _("nimmt teil")
        NO = "no", _("ist verhindert")
        DEPUTY = "deputy", _("schickt eine Vertretung")

    class Presence(models.TextChoices):
        PRESENT = "present", _("anwesend")
        EXCUSED = "excused", _("entschuldigt")
        ABSENT = "absent", _("abwesend")

    invited_at = models.DateTimeField(_("eingeladen am"), null=True, blank=True)
    #: The meeting's revision of which the person was told last.
    told_revision = models.PositiveIntegerField(default=0)
    reminded_at = models.DateTimeField(_("erinnert am"), null=True, blank=True)
    answer = models.CharField(_("Antwort"), max_length=6, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("geantwortet am"), null=True, blank=True)
    excuse = models.CharField(_("Nachricht"), max_length=500, blank=True)
    deputy = models.CharField(_("Vertretung"), max_length=120, blank=True)
    presence = models.CharField(_("Anwesenheit"), max_length=7, choices=Presence, blank=True)

    class Meta:
        abstract = True

    @property
    def expected(self) -> str:
        """What the answer lets expect in the room, until somebody has looked."""
        if self.presence:
            return self.presence
        return {self.Answer.NO: self.Presence.EXCUSED}.get(self.Answer(self.answer), "") if self.answer else ""


class AttendanceQuerySet(InvitedQuerySet):
    def _own(self, user: Any) -> Q:
        return Q(person__user=user)

    def voting(self) -> "AttendanceQuerySet":
        """Those who count for the quorum: expert support and minute takers do not."""
        return self.filter(role__in=VOTING_ROLES)


VOTING_ROLES = [Membership.Role.CHAIR, Membership.Role.DEPUTY, Membership.Role.MEMBER]


class Attendance(Invited):
    """Anwesenheit of a member: answer to the invitation, and presence in the room."""

    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="attendances", verbose_name=_("Sitzung")
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("Person"))
    #: The role in the body when the row was made; later changes leave past meetings as they were.
    role = models.CharField(_("Rolle"), max_length=14, choices=Membership.Role, default=Membership.Role.MEMBER)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("Anwesenheit")
        verbose_name_plural = _("Anwesenheit")
        ordering = ["meeting", "person__name"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="attendance_once_a_meeting_and_person"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="attendance_answered_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(reminded_at=None) | Q(reminded_at__gte=F("invited_at")),
                name="attendance_reminded_after_invited",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def addressee(self) -> Person:
        """To whom mail about the meeting goes."""
        return self.person


class Guest(Invited):
    """Somebody who comes to one meeting without belonging to the body."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="guests", verbose_name=_("Sitzung"))
    name = models.CharField(_("Name"), max_length=120)
    organization = models.CharField(_("Institution"), max_length=120, blank=True)
    email = models.EmailField(_("E-Mail-Adresse"), blank=True)

    objects = InvitedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Gast")
        verbose_name_plural = _("Gäste")
        ordering = ["meeting", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "email"],
                condition=~Q(email=""),
                name="guest_address_once_a_meeting",
                violation_error_message=_("Ein Gast mit dieser E-Mail-Adresse steht schon auf der Liste."),
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="guest_answered_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def addressee(self) -> Person:
        """To whom mail about the meeting goes: a person that is known for this one meeting only and never stored."""
        return Person(name=self.name, email=self.email)
