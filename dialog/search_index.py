"""What each database keeps beside the texts of `Searchable` models so that a search need not read them all.

PostgreSQL keeps the stems of the words in a column that it fills itself, with an index; of an index over an expression
it would compute the stems anew for every row it looks at. SQLite keeps which three letters follow each other where, in
an FTS5 table that triggers keep true. Django drops triggers when it changes a table, so both are looked after whenever
migrations have run. Where SQLite has no such index, search reads every row.
"""

from typing import Any

from django.apps import AppConfig
from django.contrib.postgres.search import SearchVectorField
from django.db import OperationalError, connections
from django.db.models import F, Func, Model
from django.db.models.expressions import RawSQL

#: Shorter words are not in SQLite's index.
SHORTEST = 3

_STEMS = "search_stems"
#: A megabyte of stems is all that PostgreSQL takes; no document here is as long as so many letters.
_LETTERS = 250_000
_COLUMN = (
    f"ALTER TABLE {{t}} ADD COLUMN {_STEMS} tsvector "
    f"GENERATED ALWAYS AS (to_tsvector('german', left(search_text, {_LETTERS}))) STORED"
)
#: Updated at once: where changes wait for their index, PostgreSQL expects so much work that it reads every row instead.
_INDEX = f"CREATE INDEX {{t}}_{_STEMS} ON {{t}} USING gin ({_STEMS}) WITH (fastupdate = off)"

_TABLE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS {t}_parts "
    "USING fts5(search_text, content={t}, content_rowid={pk}, tokenize=trigram)"
)
_FORGET = "INSERT INTO {t}_parts({t}_parts, rowid, search_text) VALUES ('delete', old.{pk}, old.search_text);"
_LEARN = "INSERT INTO {t}_parts(rowid, search_text) VALUES (new.{pk}, new.search_text);"
_TRIGGERS = (
    "CREATE TRIGGER {t}_parts_new AFTER INSERT ON {t} BEGIN " + _LEARN + " END",
    "CREATE TRIGGER {t}_parts_gone AFTER DELETE ON {t} BEGIN " + _FORGET + " END",
    "CREATE TRIGGER {t}_parts_changed AFTER UPDATE OF search_text ON {t} BEGIN " + _FORGET + _LEARN + " END",
)


def look_after(app_config: AppConfig, using: str, **kwargs: Any) -> None:
    """Receiver of `post_migrate`: each searchable model of the app has its index, and the index is true.

    Models without a table are left out: it is sent for all apps, also when one of them alone was migrated.
    """
    from .models.base import Searchable

    connection = connections[using]
    make = {"postgresql": _keep_stems, "sqlite": _keep_parts}.get(connection.vendor)
    models = [model for model in app_config.get_models() if issubclass(model, Searchable)]
    if make is None or not models:
        return
    tables = set(connection.introspection.table_names())
    for model in models:
        if model._meta.db_table in tables:
            make(connection, model)


def _keep_stems(connection: Any, model: type[Model]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if any(column.name == _STEMS for column in connection.introspection.get_table_description(cursor, table)):
            return
        for statement in (_COLUMN, _INDEX):
            cursor.execute(statement.format(t=table))


def _keep_parts(connection: Any, model: type[Model]) -> None:
    if has_parts(connection, model):
        return
    names = {"t": model._meta.db_table, "pk": model._meta.pk.column}
    with connection.cursor() as cursor:
        try:
            cursor.execute(_TABLE.format(**names))
        except OperationalError:  # an SQLite without FTS5, or older than 3.34
            return
        for trigger in (*_TRIGGERS, "INSERT INTO {t}_parts({t}_parts) VALUES ('rebuild')"):
            cursor.execute(trigger.format(**names))


class Stems(Func):
    """On PostgreSQL, the stems of a row's words."""

    output_field = SearchVectorField()

    def __init__(self) -> None:
        super().__init__(F("search_text"))

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_context: Any) -> Any:
        (beside,) = self.get_source_expressions()
        return f"{compiler.quote_name_unless_alias(beside.alias)}.{connection.ops.quote_name(_STEMS)}", []


def has_parts(connection: Any, model: type[Model]) -> bool:
    """Whether SQLite has an index of this model's texts that is kept true. Takes no query of Django's."""
    connection.ensure_connection()
    trigger = (f"{model._meta.db_table}_parts_new",)
    found = connection.connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?", trigger)
    return found.fetchone() is not None


def question(asked: list[list[str]]) -> str:
    """What to ask SQLite's index for the rows with one of each list of phrases; none may be shorter than SHORTEST."""
    return " AND ".join(f"({' OR '.join(map(_quoted, phrases))})" for phrases in asked)


def answering(model: type[Model], question: str) -> RawSQL:
    """The primary keys of the rows that answer a `question` to SQLite's index."""
    table = model._meta.db_table
    return RawSQL(f"SELECT rowid FROM {table}_parts WHERE {table}_parts MATCH %s", [question])  # noqa: S608, S611


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'
