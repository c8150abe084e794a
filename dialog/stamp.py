"""A stamp of all data, given by the database itself: as long as it stays the same, nothing has been written.

What was read or drawn under a stamp may be shown again under it, whoever writes and by whatever way. PostgreSQL names
the transactions that a query sees; SQLite counts the changes of others and, on each connection, its own.
"""

from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.signals import connection_created

T = TypeVar("T")

#: Small things; then it begins anew.
MAX_KEPT = 500

_kept: dict[Hashable, Any] = {}
_openings = count()


def _number(sender: Any, connection: Any, **kwargs: Any) -> None:
    """What SQLite counts holds on one connection only, so each gets a number."""
    connection.opening = next(_openings)


connection_created.connect(_number, dispatch_uid="dialog.stamp")


def of_data() -> Hashable:
    """Differs after every commit, and never comes back; None inside a transaction, which may yet be undone."""
    if connection.in_atomic_block:
        return None
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_current_snapshot()::text")
            return cursor.fetchone()[0]
        cursor.execute("PRAGMA data_version")
        (others,) = cursor.fetchone()
    if not hasattr(connection, "opening"):  # opened before anybody asked for a stamp
        _number(None, connection)
    opening: int = connection.opening  # type: ignore[attr-defined]
    return opening, others, connection.connection.total_changes


def kept(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` reads, read again when anything has been written; `key` says what it is, and for whom."""
    stamp = of_data()
    if stamp is None:
        return make()
    key = (stamp, key)
    if key not in _kept:
        made = make()
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[key] = made
    return _kept[key]
