"""Accounts, and the people behind them. Who takes part on paper is a person without an account."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from .base import Recorded


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """An account for `email`; without a password it signs in by mail code. ValueError without address."""
        if not email:
            raise ValueError("An account needs a mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        if password:
            user.set_password(password)
        else:
            user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """The operator: everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """An account; the mail address is the login."""

    email = models.EmailField(_("E-Mail-Adresse"), unique=True)
    is_active = models.BooleanField(_("aktiv"), default=True)
    is_staff = models.BooleanField(_("darf die Stammdaten pflegen"), default=False)
    date_joined = models.DateTimeField(_("angelegt am"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("Konto")
        verbose_name_plural = _("Konten")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_whatever_case")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        person = getattr(self, "person", None)
        return person.name if person else self.email

    @cached_property
    def open_memberships(self) -> list[Any]:
        """The account's active memberships with their bodies; read once a request."""
        person = getattr(self, "person", None)
        return list(person.memberships.active().select_related("body", "organization")) if person else []

    @property
    def runs_the_process(self) -> bool:
        """In the planning group, or the operator."""
        return self.is_superuser or any(
            membership.body.kind == membership.body.Kind.PLANNING_GROUP for membership in self.open_memberships
        )


def runs_the_process(user: Any) -> bool:
    """Whether `user` (who may be anonymous) belongs to the planning group or is the operator."""
    return bool(user.is_authenticated and user.runs_the_process)


def led_body_ids(user: Any) -> list[int]:
    """The bodies that `user` (who may be anonymous) leads as chair or deputy."""
    if not user.is_authenticated:
        return []
    return [membership.body_id for membership in user.open_memberships if membership.leads]


def body_ids(user: Any) -> list[int]:
    """The bodies in which `user` (who may be anonymous) has an active membership."""
    if not user.is_authenticated:
        return []
    return [membership.body_id for membership in user.open_memberships]


def minuted_body_ids(user: Any) -> list[int]:
    """The bodies whose minutes `user` (who may be anonymous) takes."""
    if not user.is_authenticated:
        return []
    return [
        membership.body_id for membership in user.open_memberships if membership.role == membership.Role.MINUTE_TAKER
    ]


class PersonQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "PersonQuerySet":
        """Planning group and operator see everyone; others only office holders and themselves.

        Names of members are asked of `Membership.objects.names_visible_to`, because consent is given per body.
        """
        if runs_the_process(user):
            return self
        seen = models.Q(office_public=True)
        if user.is_authenticated:
            seen |= models.Q(user=user)
        return self.filter(seen)

    def present(self) -> "PersonQuerySet":
        """Without the entries that went into another one."""
        return self.exclude(merges__state="merged")

    def planning_group(self) -> "PersonQuerySet":
        """The active members of the planning group."""
        return self.filter(memberships__state="active", memberships__body__kind="planning_group").distinct()

    def with_mail_address(self) -> "PersonQuerySet":
        """Those whom mail reaches; the same rule as `Person.mail_address`."""
        without_account = models.Q(user=None) & ~models.Q(email="")
        return self.filter(without_account | models.Q(user__isnull=False) & ~models.Q(user__email=""))

    def search(self, query: str) -> "PersonQuerySet":
        """People whose name, office or mail address has all words of `query`; the empty query finds everyone."""
        found = self
        for word in query.split():
            found = found.filter(
                models.Q(name__icontains=word)
                | models.Q(office__icontains=word)
                | models.Q(email__icontains=word)
                | models.Q(user__email__icontains=word)
            )
        return found


class Person(Recorded):
    """Somebody who takes part, with or without an account."""

    user = models.OneToOneField(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name=_("Konto"),
    )
    name = models.CharField(_("Name"), max_length=120)
    email = models.EmailField(_("E-Mail-Adresse"), blank=True)
    office = models.CharField(_("Amt"), max_length=120, blank=True, help_text=_("zum Beispiel „Bürgermeisterin“"))
    office_public = models.BooleanField(
        _("Name ist durch das Amt öffentlich"),
        default=False,
        help_text=_("Amtsträgerinnen und Amtsträger werden immer mit Namen genannt."),
    )
    #: One of `settings.LANGUAGES`; empty: the portal's own. Not as choices, because an operator may offer others.
    language = models.CharField(_("Sprache"), max_length=10, blank=True, default="")

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("Person")
        verbose_name_plural = _("Personen")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def mail_address(self) -> str:
        """Where mail reaches this person, or an empty string."""
        return self.user.email if self.user else self.email
