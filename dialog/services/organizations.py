"""Institutions: entering one that nobody has named here before."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from dialog.models import Organization, User


def enter(*, name: str, by: User, **details: Any) -> Organization:
    """A new institution; `details` are further fields of it. PermissionDenied; ValidationError if the name is known."""
    if not by.has_perm("dialog.add_organization"):
        raise PermissionDenied
    name = " ".join(name.split())
    known = ValidationError({"name": _("Eine Institution mit diesem Namen ist schon eingetragen.")})
    # Compared here: SQLite folds the case of ASCII letters only.
    if name.casefold() in {other.casefold() for other in Organization.objects.values_list("name", flat=True)}:
        raise known
    try:
        with transaction.atomic():
            return Organization.objects.create(name=name, slug=_free_slug(name), **details)
    except IntegrityError:
        # Somebody else entered it in this moment.
        raise known from None


def _free_slug(name: str) -> str:
    slug = slugify(name)[:70].strip("-") or "institution"
    taken = set(Organization.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    number, free = 1, slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
