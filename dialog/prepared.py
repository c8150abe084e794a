"""Queries that are put together once and then asked again with other values.

To put a query together costs Django several times what a database takes to answer it by a key. A page for everyone
asks the same few questions about one row after another, so their SQL is kept.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from copy import copy
from functools import wraps
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

#: The same query on so many days; then it begins anew.
MAX_MADE = 8


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list[Any]]:
    """Makes of `build(user, *values)` a function that gives the rows of its query.

    `values` are whole numbers and texts that the query compares or looks for, and days. For readers without an
    account nothing else about the query may vary; accounts see what is theirs, so theirs is built anew.
    """
    made: dict[tuple[Any, ...], tuple[QuerySet, Any, str, tuple[Any, ...]]] = {}

    @wraps(build)
    def ask(user: Any, *values: int | str | dt.date) -> list[Any]:
        if user.is_authenticated:
            return list(build(user, *values))
        stand_ins = [_stand_in(place, value) for place, value in enumerate(values)]
        key = tuple(value for value in values if isinstance(value, dt.date))
        if key not in made:
            if len(made) >= MAX_MADE:
                made.clear()
            rows = build(user, *stand_ins)
            compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
            made[key] = rows, compiler, *compiler.as_sql()
        rows, compiler, sql, places = made[key]
        asked = copy(compiler)
        asked.connection = connections[DEFAULT_DB_ALIAS]
        meant = dict(zip(stand_ins, values, strict=True))
        parameters = tuple(_filled(place, meant, asked.connection) for place in places)
        asked.as_sql = lambda *args, **kwargs: (sql, parameters)
        rows = rows.all()
        rows.query.get_compiler = lambda *args, **kwargs: asked  # type: ignore[method-assign]
        return list(rows)

    return ask


def _stand_in(place: int, value: int | str | dt.date) -> int | str | dt.date:
    """Something of the same type that no query holds by itself; a day stands for itself."""
    if isinstance(value, dt.date):
        return value
    return 1_900_000_000 + place if isinstance(value, int) else f"\ue000{place}\ue001"


def _filled(parameter: Any, meant: Mapping[Any, Any], connection: Any) -> Any:
    """The parameter with what stands in for a value replaced by it; within a pattern its wildcards are none."""
    if isinstance(parameter, int | str) and parameter in meant:
        return meant[parameter]
    if isinstance(parameter, str) and "\ue000" in parameter:
        for stand_in, value in meant.items():
            if isinstance(stand_in, str):
                parameter = parameter.replace(stand_in, connection.ops.prep_for_like_query(value))
    return parameter
