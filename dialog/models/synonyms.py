"""Words that mean the same to somebody who searches."""

from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import Recorded
from .fields import OpenQuerySet

#: Under this name the list is kept between searches; another process takes a change over after so many seconds.
KEPT, SECONDS = "synonyms", 60
#: So many words one line may hold, so that a search stays a small question to the database.
MAX_WORDS = 12


def split(words: str) -> list[str]:
    """The words or phrases of a line, each once, as the search compares them."""
    phrases = (" ".join(phrase.casefold().split()) for phrase in words.split(","))
    return list(dict.fromkeys(phrase for phrase in phrases if phrase))


def at_least_two(words: str) -> None:
    """Validator: a line says that several words mean the same, and not too many."""
    number = len(split(words))
    if number < 2:
        raise ValidationError(_("Nennen Sie mindestens zwei Wörter, durch Kommas getrennt."))
    if number > MAX_WORDS:
        raise ValidationError(_("Höchstens %(limit)s Wörter in einer Zeile."), params={"limit": MAX_WORDS})


class Synonyms(Recorded):
    """A line of the list: whoever searches for one of these words also finds the others."""

    words = models.CharField(
        _("Wörter, die dasselbe meinen"),
        max_length=300,
        validators=[at_least_two],
        help_text=_("durch Kommas getrennt, zum Beispiel: Kita, Kindertagesstätte, Kindergarten"),
    )

    objects = OpenQuerySet.as_manager()

    class Meta:
        verbose_name = _("gleichbedeutende Wörter")
        verbose_name_plural = _("gleichbedeutende Wörter")
        ordering = ["words"]

    def __str__(self) -> str:
        return self.words

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        cache.delete(KEPT)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        gone = super().delete(*args, **kwargs)
        cache.delete(KEPT)
        return gone

    @classmethod
    def lines(cls) -> list[list[str]]:
        """All lines as lists of words; read from the database at most once a minute in each process."""
        lines = cache.get(KEPT)
        if lines is None:
            lines = [split(words) for words in cls.objects.values_list("words", flat=True)]
            cache.set(KEPT, lines, SECONDS)
        return lines
