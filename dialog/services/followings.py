"""Following: whoever wants to hear what becomes of a row gets its news by mail, as often as they like.

Upper floors register the kinds of rows that can be followed, as they do for agenda items.
"""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models

from dialog.models import Body, Following, MailPreference, Person, Recommendation, User

from . import mails, people

#: What can be followed, by the word for it in addresses; each model has `visible_to` and an address.
KINDS: dict[str, type[models.Model]] = {"empfehlung": Recommendation, "gremium": Body}


def register(kind: str, model: type[models.Model]) -> None:
    """Makes rows of `model` something that people can follow."""
    KINDS[kind] = model


def readable(kind: str, user: Any) -> models.QuerySet:
    """The rows of a kind that `user` may read. KeyError for an unknown kind."""
    return KINDS[kind]._default_manager.visible_to(user)  # type: ignore[attr-defined]


def follow(row: models.Model, *, by: User, at: dt.datetime) -> None:
    """`by` hears of `row` from now on; doing it twice changes nothing. PermissionDenied."""
    if not by.has_perm("dialog.follow"):
        raise PermissionDenied
    kind = ContentType.objects.get_for_model(row)
    Following.objects.get_or_create(person=people.of(by), content_type=kind, object_id=row.pk, defaults={"since": at})


def unfollow(row: models.Model, *, by: User) -> None:
    """`by` hears no more of `row`."""
    Following.objects.of(row).filter(person__user=by).delete()


def is_following(user: Any, row: models.Model) -> bool:
    """Whether `user` (who may be anonymous) follows `row`."""
    return Following.objects.visible_to(user).of(row).exists()


def followed_by(user: Any) -> list[Any]:
    """All rows that `user` follows and may still read, the latest first; one query for each kind."""
    since = {(entry.content_type_id, entry.object_id): entry.since for entry in Following.objects.visible_to(user)}
    keys: dict[int, list[int]] = defaultdict(list)
    for content_type, key in since:
        keys[content_type].append(key)
    found = []
    for kind, model in KINDS.items():
        content_type = ContentType.objects.get_for_model(model).pk
        for row in readable(kind, user).filter(pk__in=keys.get(content_type, [])):
            found.append((since[content_type, row.pk], kind, row))
    return [(kind, row) for _since, kind, row in sorted(found, key=lambda entry: entry[0], reverse=True)]


def tell(name: str, row: models.Model, *, by: User | None, **context: Any) -> int:
    """Mails `templates/mail/<name>.txt` to the followers of `row` who may read it, but not to `by`; how many."""
    followers = Person.objects.filter(followings__in=Following.objects.of(row), user__is_active=True)
    model = type(row)
    readers = [
        person
        for person in followers.exclude(user=by).select_related("user")
        if model._default_manager.visible_to(person.user).filter(pk=row.pk).exists()  # type: ignore[attr-defined]
    ]
    return mails.send(name, readers, category=MailPreference.Category.NEWS, row=row, **context)
