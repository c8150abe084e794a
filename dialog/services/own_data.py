"""What the portal keeps about somebody, told to themselves (Articles 15 and 20 GDPR), and the end of an account
(Article 17)."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from post_office.models import Email

from dialog.models import BodyInvitation, Membership, Person, Step, Task, User

from . import mails, memberships, people

#: Belongs to an account as such; everything else that points to an account is something its owner did.
_ACCOUNT = (EmailAddress, Authenticator, UserSession)
#: Opens doors or tells of others; nobody needs it in a disclosure.
_SECRET = {"password", "token_hash", "session_key", "search_text"}


def _forget_invitations(address: str) -> None:
    BodyInvitation.objects.filter(email__iexact=address).delete()


#: Models that know people by their mail address alone (`email`), each with what makes it forget an address.
_BY_ADDRESS: dict[type[models.Model], Callable[[str], object]] = {BodyInvitation: _forget_invitations}


def register(model: type[models.Model], forget: Callable[[str], object]) -> None:
    """Adds a model of an upper floor whose rows know people by `email` alone; `forget` takes an address out of them."""
    _BY_ADDRESS[model] = forget


def disclose(user: User, *, at: dt.datetime) -> bytes:
    """Everything the portal keeps about the owner of an account, as JSON with German names.

    Other people's names and addresses are left out (Article 15, paragraph 4).
    """
    person = people.of(user)
    told: dict[str, Any] = {
        _("Auskunft vom"): date_format(timezone.localtime(at), "j. F Y, H:i"),
        _("Konto"): _row(user, about=user),
        _("Person"): _row(person, about=person),
    }
    told |= _rows_about(user)
    own, acts = defaultdict(list), defaultdict(list)
    for model, field in people.pointing_to(User):
        for row in model._base_manager.filter(**{field: user}):
            if model in _ACCOUNT:
                own[str(model._meta.verbose_name_plural)].append(_row(row, about=user))
            elif model is not Person:
                acts[str(model._meta.verbose_name_plural)].append(_act(row))
    sent = Email.objects.filter(to=user.email).order_by("-pk")
    told |= own
    told[_("Was Sie selbst eingetragen haben")] = acts
    told[_("Nachrichten an Sie")] = [{_("Betreff"): mail.subject, _("am"): _words(mail.created)} for mail in sent]
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def kept(user: User) -> list[tuple[str, int]]:
    """How many entries of each kind the portal keeps about the owner of an account."""
    return [(name, len(rows)) for name, rows in sorted(_rows_about(user).items())]


def ways_to_sign_in(user: User) -> dict[str, int]:
    """What an account signs in with beside the code by mail: authenticators by type; and how many sessions it has."""
    found = Counter(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {**found, "sessions": UserSession.objects.filter(user=user).count()}


def _rows_about(user: User) -> dict[str, list[Any]]:
    found, person = defaultdict(list), people.of(user)
    for model, field in people.pointing_to(Person):
        for row in model._base_manager.filter(**{field: person}):
            found[_name(model)].append(_linked(row) if model._meta.auto_created else _row(row, about=person))
    for model in _BY_ADDRESS:
        for row in model._base_manager.filter(email__iexact=user.email):
            found[_name(model)].append(_row(row, about=person))
    return found


def _name(model: type[models.Model]) -> str:
    """What the rows of a model are called; a link of many to many bears the name of its field."""
    owner: Any = model._meta.auto_created
    if not owner:
        return str(model._meta.verbose_name_plural)
    link = next(field for field in owner._meta.many_to_many if field.remote_field.through is model)
    return f"{owner._meta.verbose_name_plural}: {link.verbose_name}"


def _linked(row: models.Model) -> str:
    """The other end of a link of many to many."""
    ends = [getattr(row, field.name) for field in row._meta.concrete_fields if field.is_relation]
    return str(next(end for end in ends if not isinstance(end, Person)))


def _row(row: models.Model, *, about: models.Model) -> dict[str, str]:
    """The fields of a row in words, without those that are empty, secret or point to somebody else."""
    told: dict[str, str] = {}
    # A link to a row of any kind: what it leads to, not its columns.
    links = [field for field in row._meta.private_fields if isinstance(field, GenericForeignKey)]
    told |= {_("Eintrag"): str(target) for field in links if (target := getattr(row, field.name)) is not None}
    columns = {name for field in links for name in (field.ct_field, field.fk_field)}
    for field in row._meta.concrete_fields:
        if field.name in columns or field.primary_key or field.name in _SECRET or isinstance(field, models.JSONField):
            continue
        value = getattr(row, field.name)
        if isinstance(value, Person | User) or value in (None, "") or value == about:
            continue
        shown = getattr(row, f"get_{field.name}_display", None)
        told[str(field.verbose_name)] = _words(shown() if shown else value)
    return told


def _act(row: models.Model) -> dict[str, str]:
    """When somebody entered a row, and the text they wrote; not what it says of others."""
    kinds = (models.DateTimeField, models.TextField)
    fields = [field for field in row._meta.concrete_fields if isinstance(field, kinds) and field.name not in _SECRET]
    return {str(field.verbose_name): _words(value) for field in fields if (value := getattr(row, field.name))}


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if isinstance(value, dt.datetime):
        return date_format(timezone.localtime(value), "j. F Y, H:i")
    if isinstance(value, dt.date):
        return date_format(value, "j. F Y")
    return str(value)


def forget_devices(now: dt.datetime) -> int:
    """Deletes what is left of sign-ins that are over, devices and their addresses; returns of how many."""
    Session.objects.filter(expire_date__lt=now).delete()
    number, _rows = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return number


@transaction.atomic
def close(user: User, *, at: dt.datetime) -> None:
    """Ends an account at its owner's wish: memberships end, requests are withdrawn, the name disappears.

    What must stay in the city's files (who was present, which task was given) stays without the name; who holds a
    public office stays named by it. ValidationError for the operator, whose account others depend on.
    """
    if user.is_staff or user.is_superuser:
        raise ValidationError(_("Dieses Konto gehört zum Betrieb. Es lässt sich nur in den Stammdaten löschen."))
    person, address = people.of(user), user.email
    for membership in Membership.objects.open().filter(person=person).select_related("body", "person__user"):
        asked = membership.state == Membership.State.REQUESTED
        (memberships.withdraw if asked else memberships.leave)(membership, by=user, at=at)
    Email.objects.filter(to=address).delete()
    for forget in _BY_ADDRESS.values():
        forget(address)
    mails.send("account_closed", [Person(name=person.name, email=address)], category=mails.ALWAYS)
    user.delete()
    merged = Person.objects.filter(merges__account=person, merges__state="merged")
    for entry in [*merged, Person.objects.get(pk=person.pk)]:
        _forget(entry)


def _forget(person: Person) -> None:
    """Removes what names the person; the entry itself goes if nothing depends on it."""
    never = person.memberships.filter(state__in=[Membership.State.DECLINED, Membership.State.WITHDRAWN])
    for membership in never:
        Step.objects.of(membership).delete()
    never.delete()
    person.memberships.update(message="", name_public=False)
    person.mail_preferences.all().delete()
    person.digest_entries.all().delete()
    person.followings.all().delete()
    Task.objects.filter(assignee=person, done_on=None).update(assignee=None)
    for model, field in people.pointing_to(Person):
        if model._meta.auto_created:
            model._base_manager.filter(**{field: person}).delete()
    person.email, person.language = "", ""
    if not person.office_public:
        person.name, person.office = _("Gelöschtes Konto"), ""
    person.save()
    if not any(model._base_manager.filter(**{field: person}).exists() for model, field in people.pointing_to(Person)):
        person.delete()
