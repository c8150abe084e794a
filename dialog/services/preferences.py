"""Which mails somebody wants, in which language, and how they get rid of them."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from dialog.models import DigestEntry, MailPreference, Person

Category, Rhythm = MailPreference.Category, MailPreference.Rhythm

_SALT = "dialog.unsubscribe"


def language_of(reader: Any) -> str:
    """The language of `reader`'s pages and mails: the chosen one if the portal speaks it, else the portal's own.

    Institutions and people who are known for one mail only have not chosen.
    """
    chosen = getattr(reader, "language", "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def choose_language(person: Person, language: str) -> None:
    """Pages and mails come in `language` from now on. ValueError if the portal does not speak it."""
    if language not in dict(settings.LANGUAGES):
        raise ValueError(language)
    person.language = language
    person.save(update_fields=["language"])


def rhythms(people: Iterable[Person], category: str) -> dict[int, str]:
    """How often each of `people` wants mails of `category`; who said nothing is not in it and gets them at once."""
    if not category:
        return {}
    asked = MailPreference.objects.filter(person__in=list(people), category=category)
    return dict(asked.values_list("person_id", "rhythm"))


def of(person: Person) -> dict[str, str]:
    """The rhythm of every category."""
    chosen = dict(person.mail_preferences.values_list("category", "rhythm"))
    return {category: chosen.get(category, Rhythm.AT_ONCE) for category in Category.values}


@transaction.atomic
def choose(person: Person, wishes: Mapping[str, str]) -> None:
    """Sets the rhythm of the categories in `wishes`; what waits for a digest that is no longer wanted is dropped."""
    for category, rhythm in wishes.items():
        MailPreference.objects.update_or_create(
            person=person, category=Category(category), defaults={"rhythm": Rhythm(rhythm)}
        )
        if rhythm == Rhythm.NONE:
            person.digest_entries.filter(category=category).delete()


def keep(person: Person, category: str, *, subject: str, text: str, rhythm: str) -> None:
    """Keeps a mail for the person's next digest; nothing if they want none."""
    if rhythm != Rhythm.NONE:
        DigestEntry.objects.create(
            person=person, category=category, subject=subject[:250], text=text, at=timezone.now()
        )


def unsubscribe_address(person: Person, *categories: str) -> str:
    """Where one click ends mails of `categories`, without signing in (RFC 8058); the token is signed and never ends."""
    token = signing.dumps([person.pk, *map(str, categories)], salt=_SALT)
    return urljoin(settings.BASE_URL, reverse("unsubscribe", args=[token]))


def from_token(token: str) -> tuple[Person, list[MailPreference.Category]] | None:
    """Whom and what an unsubscribe token is about; None if it is not one of ours or the person is gone."""
    try:
        pk, *categories = signing.loads(token, salt=_SALT)
        return Person.objects.get(pk=pk), [Category(category) for category in categories]
    except (signing.BadSignature, Person.DoesNotExist, ValueError, TypeError):
        return None
