from django.core.exceptions import PermissionDenied, ValidationError
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
