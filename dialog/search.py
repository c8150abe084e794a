"""Full-text search. The only place that knows which database answers.

PostgreSQL stems German words and finds beginnings (“Schulen” finds “Schule” and “Schulhof”) over an index
that each app's migration `search` creates. SQLite compares parts of words and does not stem.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connections, models

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

Rows = TypeVar("Rows", bound=models.QuerySet)

#: Longer input is cut: no title is longer, and the database need not see more.
MAX_QUERY_LENGTH = 200
MAX_WORDS = 12


def search(rows: Rows, query: str) -> Rows:
    """Those of `rows` (a `Searchable` model's) that contain every word of `query`; all if there is no word in it."""
    words = query.replace("\x00", " ")[:MAX_QUERY_LENGTH].casefold().split()[:MAX_WORDS]
    if not words:
        return rows
    if connections[rows.db].vendor == "postgresql":
        quoted = (word.replace("\\", "\\\\").replace("'", "''") for word in words)
        beginnings = " & ".join(f"'{word}':*" for word in quoted)
        return rows.annotate(_words=SearchVector("search_text", config="german")).filter(
            _words=SearchQuery(beginnings, config="german", search_type="raw")
        )
    for word in words:
        rows = rows.filter(search_text__contains=word)
    return rows


def indexes(app: str, *names: str) -> Callable[[Any, "BaseDatabaseSchemaEditor"], None]:
    """For a migration: makes the indexes that `search` uses on these models, where the database has stemming."""

    def create(apps: Any, editor: "BaseDatabaseSchemaEditor") -> None:
        if editor.connection.vendor != "postgresql":
            return
        for name in names:
            table = apps.get_model(app, name)._meta.db_table
            editor.execute(
                f"CREATE INDEX {table}_search_text ON {editor.quote_name(table)} "
                "USING gin (to_tsvector('german'::regconfig, COALESCE(search_text, '')))"
            )

    return create
