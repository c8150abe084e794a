"""Full-text search. The only place that knows which database answers.

PostgreSQL stems German words and finds beginnings (“Schulen” finds “Schule” and “Schulhof”). SQLite compares parts of
words and does not stem. Both ask what `search_index` keeps for them, and find words that mean the same (`Synonyms`).
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.postgres.search import SearchQuery
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from . import search_index
from .prepared import prepared

Rows = TypeVar("Rows", bound=models.QuerySet)

#: Longer input is cut: no title is longer, and the database need not see more.
MAX_QUERY_LENGTH = 200
MAX_WORDS = 12
#: What German nouns and adjectives may end in; the longest that fits is left off to compare a word with the list.
ENDINGS = ("en", "er", "es", "em", "e", "n", "s")
#: Shorter words are compared as they are.
SHORTEST_STEM = 4


def search(rows: Rows, query: str) -> Rows:
    """Those of `rows` (a `Searchable` model's) that contain every word of `query`, or one that means the same.

    All rows if there is no word in it.
    """
    question, others = _divided(alternatives(query), connections[rows.db], rows.model)
    if question:
        rows = _answering(rows, question)
    for phrases in others:
        found = Q()
        for phrase in phrases:
            found |= Q(search_text__contains=phrase)
        rows = rows.filter(found)
    return rows


def keys(model: type[models.Model], user: Any, query: str) -> list[int]:
    """The primary keys of what `search` finds for `query` among the rows of `model` that `user` may read.

    The same as asking `search`, but where an index knows all words the question is put together once.
    """
    connection = connections[router.db_for_read(model)]
    question, others = _divided(alternatives(query), connection, model)
    if question and not others:
        return _prepared_keys(model)(user, question)
    rows = model._default_manager.visible_to(user)  # type: ignore[attr-defined]
    return list(search(rows, query).order_by().values_list("pk", flat=True))


@cache
def _prepared_keys(model: type[models.Model]) -> Callable[..., list[int]]:
    @prepared
    def ask(user: Any, question: str) -> models.QuerySet:
        rows = model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        return _answering(rows, question).order_by().values_list("pk", flat=True)

    return ask


def _divided(
    asked: list[list[str]], connection: BaseDatabaseWrapper, model: type[models.Model]
) -> tuple[str, list[list[str]]]:
    """The question to the index of the database, and what the index does not know."""
    if connection.vendor == "postgresql":
        return " & ".join(map(_one_of, asked)), []
    if not search_index.has_parts(connection, model):
        return "", asked
    in_index = [phrases for phrases in asked if min(map(len, phrases)) >= search_index.SHORTEST]
    return search_index.question(in_index), [phrases for phrases in asked if phrases not in in_index]


def _answering(rows: Rows, question: str) -> Rows:
    """Those of `rows` that answer the `question` of `_divided`."""
    if connections[rows.db].vendor == "postgresql":
        return rows.annotate(_stems=search_index.Stems()).filter(
            _stems=SearchQuery(question, config="german", search_type="raw")
        )
    return rows.filter(pk__in=search_index.answering(rows.model, question))


def alternatives(query: str) -> list[list[str]]:
    """What is searched for: for each word or listed phrase of `query`, itself and what means the same."""
    words = query.replace("\x00", " ")[:MAX_QUERY_LENGTH].casefold().split()[:MAX_WORDS]
    if not words:
        return []
    meanings = _meanings()
    longest = max((len(stems) for stems in meanings), default=1)
    return [
        list(dict.fromkeys([phrase, *meanings.get(stems, ())])) for phrase, stems in _read(words, meanings, longest)
    ]


def _read(words: list[str], meanings: dict, longest: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`words` from left to right: the longest phrase on the list that begins here, else the word alone."""
    stems = tuple(map(_stem, words))
    at = 0
    while at < len(words):
        lengths = range(min(longest, len(words) - at), 1, -1)
        length = next((length for length in lengths if stems[at : at + length] in meanings), 1)
        yield " ".join(words[at : at + length]), stems[at : at + length]
        at += length


def _meanings() -> dict[tuple[str, ...], list[str]]:
    """The list of synonyms: the stems of a word or phrase → all that means the same."""
    meanings: dict[tuple[str, ...], list[str]] = {}
    for line in apps.get_model("dialog", "Synonyms").lines():
        for phrase in line:
            meanings.setdefault(tuple(map(_stem, phrase.split())), []).extend(line)
    return meanings


def _stem(word: str) -> str:
    """A word without its ending, so that “Kitas” is on the list where “Kita” is; rough, and only for that."""
    endings = (ending for ending in ENDINGS if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM)
    return word.removesuffix(next(endings, ""))


def _one_of(phrases: list[str]) -> str:
    """One part of a question to PostgreSQL: any of `phrases`, the words of each beside each other."""
    return f"({' | '.join(_beside(phrase) for phrase in phrases)})"


def _beside(phrase: str) -> str:
    quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in phrase.split())
    return "(" + " <-> ".join(f"'{word}':*" for word in quoted) + ")"
