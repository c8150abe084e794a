from collections.abc import Iterator

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from dialog.models import Person, User


def welcome(user: User, *, name: str) -> Person:
    """The person behind a new account."""
    return Person.objects.create(user=user, name=" ".join(name.split()))


def of(user: User) -> Person:
    """The person behind an account; the operator's may not have one yet."""
    person, _created = Person.objects.get_or_create(user=user, defaults={"name": user.email})
    return person


def by_address(email: str) -> Person | None:
    """Whoever has this mail address, with or without an account; an account comes first."""
    email = email.strip().lower()
    if not email:
        return None
    known = Person.objects.present()
    return known.filter(user__email=email).first() or known.filter(user=None, email__iexact=email).first()


def namesakes(person: Person, user: User) -> list[Person]:
    """Other entries with the same name, whatever their address: perhaps the same person twice."""
    others = Person.objects.visible_to(user).present().filter(name__iexact=person.name).exclude(pk=person.pk)
    return list(others.select_related("user")[:10])


def enter(*, name: str, email: str = "", by: User | None) -> Person:
    """Somebody who takes part on paper: the one with this address, else a new entry. PermissionDenied.

    ValidationError if the address belongs to somebody with another name.
    """
    if by is not None and not by.has_perm("dialog.manage_people"):
        raise PermissionDenied
    name = " ".join(name.split())
    if found := by_address(email):
        if found.name != name:
            raise ValidationError({"email": _("Diese Adresse gehört schon zu: %(name)s.") % {"name": found.name}})
        return found
    return Person.objects.create(name=name, email=email.strip().lower())


def rename(person: Person, *, name: str, email: str, by: User | None) -> None:
    """Corrects name and, for people without an account, mail address. PermissionDenied."""
    if by is not None and not by.has_perm("dialog.manage_people"):
        raise PermissionDenied
    person.name = " ".join(name.split())
    if not person.user_id:
        person.email = email.strip().lower()
    person.save()


def pointing_to(target: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Each model (of any floor) with the name of its field that points to `target`, a person or an account.

    Links of many to many are included; histories are not: they tell what was, and are not rewritten.
    """
    for relation in target._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        model = relation.related_model
        if not any(field.name == "history_id" for field in model._meta.fields):
            yield model, relation.field.name
