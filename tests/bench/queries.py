from collections.abc import Callable
from typing import Any


class Queries:
    """Counts; as a wrapper of the connection, because Django forgets the log of its queries with each request."""

    number = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.number += 1
        return execute(*args)
