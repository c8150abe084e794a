"""Inviting somebody into a body by mail address."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from .bodies import Body, Membership
from .organizations import Organization
from .people import led_body_ids, runs_the_process


class BodyInvitationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "BodyInvitationQuerySet":
        """Invitations hold mail addresses, so they are for who invites: planning group, and chairs for their body."""
        return self if runs_the_process(user) else self.filter(body__in=led_body_ids(user))

    def open(self) -> "BodyInvitationQuerySet":
        return self.filter(state=BodyInvitation.State.OPEN)

    def overdue(self, now: dt.datetime) -> "BodyInvitationQuerySet":
        """Open ones whose link has run out."""
        return self.open().filter(expires_at__lte=now)


class BodyInvitation(ConcurrentTransitionMixin, models.Model):
    """Somebody is asked by mail to join a body. Only the hash of the link's token is stored."""

    class State(models.TextChoices):
        OPEN = "open", _("offen")
        ACCEPTED = "accepted", _("angenommen")
        DECLINED = "declined", _("abgelehnt")
        EXPIRED = "expired", _("abgelaufen")
        REVOKED = "revoked", _("zurückgenommen")

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("Gremium"))
    email = models.EmailField(_("E-Mail-Adresse"))
    role = models.CharField(_("Rolle"), max_length=14, choices=Membership.Role, default=Membership.Role.MEMBER)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("spricht für")
    )
    message = models.TextField(_("Nachricht"), blank=True, max_length=2000)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    state = FSMField(_("Stand"), choices=State.choices, default=State.OPEN, protected=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("durch"),
    )
    invited_at = models.DateTimeField(_("eingeladen am"))
    expires_at = models.DateTimeField(_("gilt bis"))
    membership = models.OneToOneField(
        Membership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitation",
        verbose_name=_("Mitgliedschaft"),
    )

    objects = BodyInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Einladung in ein Gremium")
        verbose_name_plural = _("Einladungen in Gremien")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "body", Lower("email"), condition=Q(state="open"), name="body_invitation_one_open_per_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.body}"

    # Whoever answers has shown the token; the service checks it.
    @transition(state, State.OPEN, State.ACCEPTED)
    def accept(self, *, membership: Membership) -> None:
        self.membership = membership

    @transition(state, State.OPEN, State.DECLINED)
    def decline(self) -> None: ...

    @transition(state, State.OPEN, State.EXPIRED, permission="dialog.invite_member")
    def expire(self) -> None: ...

    @transition(state, State.OPEN, State.REVOKED, permission="dialog.invite_member")
    def revoke(self) -> None: ...
