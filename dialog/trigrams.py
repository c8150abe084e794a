"""The index of SQLite for parts of words: FTS5 keeps which three letters follow each other where.

Beside the table of each `Searchable` model lies one for the index, which triggers keep true to it. Django drops
triggers when it changes a table, so both are looked after whenever migrations have run. Where SQLite has no such
index, search reads every row.
"""

from typing import Any

from django.apps import AppConfig
from django.db import OperationalError, connections
from django.db.models import Model
from django.db.models.expressions import RawSQL

#: Shorter words are not in the index.
SHORTEST = 3

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
    """Receiver of `post_migrate`: each searchable model of the app has its index, and the index is true."""
    from .models.base import Searchable

    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    for model in app_config.get_models():
        if issubclass(model, Searchable) and not has_index(connection, model):
            names = {"t": model._meta.db_table, "pk": model._meta.pk.column}
            with connection.cursor() as cursor:
                try:
                    cursor.execute(_TABLE.format(**names))
                except OperationalError:  # an SQLite without FTS5, or older than 3.34
                    return
                for trigger in (*_TRIGGERS, "INSERT INTO {t}_parts({t}_parts) VALUES ('rebuild')"):
                    cursor.execute(trigger.format(**names))


def has_index(connection: Any, model: type[Model]) -> bool:
    """Whether SQLite has an index of this model's texts that is kept true. Takes no query of Django's."""
    connection.ensure_connection()
    trigger = (f"{model._meta.db_table}_parts_new",)
    found = connection.connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?", trigger)
    return found.fetchone() is not None


def question(asked: list[list[str]]) -> str:
    """What to ask the index for the rows in which, of each list of phrases, one stands; none shorter than SHORTEST."""
    return " AND ".join(f"({' OR '.join(map(_quoted, phrases))})" for phrases in asked)


def answering(model: type[Model], question: str) -> RawSQL:
    """The primary keys of the rows that answer a `question`."""
    table = model._meta.db_table
    return RawSQL(f"SELECT rowid FROM {table}_parts WHERE {table}_parts MATCH %s", [question])  # noqa: S608, S611


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'
