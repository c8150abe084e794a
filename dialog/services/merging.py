"""Two entries for one person: somebody who took part on paper, and their account. Only people decide that."""

import datetime as dt
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from dialog.models import DigestEntry, MailPreference, Membership, Merge, Person, User

from . import steps
from .people import pointing_to

#: Rows that stay with the entry they were made for.
_STAY = (Merge, MailPreference, DigestEntry)


def offers() -> list[tuple[Person, Person]]:
    """Pairs (on paper, with account) with the same verified mail address that nobody has decided about."""
    account = Person.objects.filter(
        user__emailaddress__verified=True, user__emailaddress__email__iexact=OuterRef("email")
    )
    paper = (
        Person.objects.present()
        .filter(user=None)
        .exclude(email="")
        .annotate(account_id=Subquery(account.values("pk")[:1]))
        .exclude(account_id=None)
        .order_by("name", "pk")
    )
    decided = set(Merge.objects.exclude(state=Merge.State.OFFERED).values_list("paper_id", "account_id"))
    open_pairs = [person for person in paper if (person.pk, person.account_id) not in decided]
    accounts = Person.objects.select_related("user").in_bulk([person.account_id for person in open_pairs])
    return [(person, accounts[person.account_id]) for person in open_pairs]


def belongings(person: Person) -> list[tuple[str, int]]:
    """What hangs on an entry, as (words, number); what a merge would move."""
    found = [
        (str(model._meta.verbose_name_plural), model._base_manager.filter(**{field: person}).count())
        for model, field in _moving()
        if not model._meta.auto_created
    ]
    return [(words, number) for words, number in found if number]


@transaction.atomic
def merge(paper: Person, account: Person, *, by: User, at: dt.datetime) -> Merge:
    """Everything of the entry on paper becomes the account's; `undo` gives it back.

    PermissionDenied; ValidationError if both are open in the same body, or `paper` has an account of its own.
    """
    _may(by)
    if paper.pk == account.pk or paper.user_id or not account.user_id:
        raise ValidationError(_("Zusammenführen lässt sich ein Eintrag ohne Konto mit einem Eintrag mit Konto."))
    both = Membership.objects.open().filter(person=paper, body__memberships__in=account.memberships.open())
    if names := sorted({row.body.full_name for row in both.select_related("body")}):
        raise ValidationError(
            _(
                "Beide Einträge haben eine offene Mitgliedschaft oder einen Antrag in: %(bodies)s. "
                "Beenden Sie zuerst eine."
            ),
            params={"bodies": ", ".join(names)},
        )
    row, _created = Merge.objects.get_or_create(paper=paper, account=account, defaults={"decided_at": at})
    moved = [entry for model, field in _moving() if (entry := _move(model, field, paper, account))]
    if paper.office and not account.office:
        moved.append(["office", paper.office, paper.office_public])
        Person.objects.filter(pk=account.pk).update(office=paper.office, office_public=paper.office_public)
    row.decided_by, row.decided_at = by, at
    steps.take(row, "merge", by=by, at=at, moved=moved)
    return row


@transaction.atomic
def undo(row: Merge, *, by: User, at: dt.datetime) -> None:
    """Gives the entry on paper back what the merge took; what came later stays with the account. PermissionDenied."""
    _may(by)
    for entry in row.moved:
        if entry[0] == "office":
            Person.objects.filter(pk=row.account_id, office=entry[1]).update(office="", office_public=False)
            continue
        label, field, keys = entry
        model = apps.get_model(label)
        model._base_manager.filter(pk__in=keys, **{field: row.account_id}).update(**{field: row.paper_id})
    row.decided_by, row.decided_at = by, at
    steps.take(row, "undo", by=by, at=at)


@transaction.atomic
def dismiss(paper: Person, account: Person, *, by: User, at: dt.datetime) -> None:
    """Notes that these are two people; the pair is not offered again. PermissionDenied."""
    _may(by)
    row, _created = Merge.objects.get_or_create(paper=paper, account=account, defaults={"decided_at": at})
    row.decided_by, row.decided_at = by, at
    steps.take(row, "dismiss", by=by, at=at)


def _may(by: User) -> None:
    if not by.has_perm("dialog.manage_people"):
        raise PermissionDenied


def _moving() -> list[tuple[type[models.Model], str]]:
    """Each model that points to a person, with its field, except what stays with the entry it was made for."""
    return [(model, field) for model, field in pointing_to(Person) if model not in _STAY]


def _move(model: type[models.Model], field: str, paper: Person, account: Person) -> list[Any]:
    keys = []
    for key in model._base_manager.filter(**{field: paper}).values_list("pk", flat=True):
        try:
            with transaction.atomic():
                model._base_manager.filter(pk=key).update(**{field: account})
        except IntegrityError:
            # The account has the same already; the copy stays on paper, nothing is lost.
            continue
        keys.append(key)
    return [model._meta.label, field, keys] if keys else []
