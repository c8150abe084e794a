"""What the public pages cost."""

import statistics
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils import timezone

from dialog.models import FieldOfAction
from measures.models import Measure

from . import data
from .queries import Queries

ROUNDS, REQUESTS = 7, 5
BARE = "/nackt/"
LIST = "/massnahmen/"
#: Words that so many measures have that nobody would look for them.
WORDS = ("spielwerkstatt", "kulturfest", "schulgarten", "sportplatz")
FEW, MANY = 1_000, 10_000
KINDS = ("list", "filter", "search", "detail")
MAX_BYTES, MAX_QUERIES = 60_000, 12


def measure() -> dict[str, dict[str, Any]]:
    """The figures of the pages, with 1,000 and then 10,000 measures."""
    get = Portal()
    today = timezone.localdate()
    data.fill(FEW, today=today)
    pages = _pages()
    small = _cpu(get, pages)
    figures = {name: _over(small[name], small["bare"], "bare") for name in pages if name != "bare"}
    figures |= _again(get, pages, small["bare"])
    figures["list_bytes"] = _figure(len(get(LIST)), "bytes", f"HTML, uncompressed; at most {MAX_BYTES}")
    queries, exports = _most_queries(get, pages), _exports(get)
    data.fill(MANY, today=today)
    pages = _pages()
    large = _cpu(get, pages)
    for name in pages:
        if name != "bare":
            figures[f"{name}_10k_over_1k"] = _over(large[name], small[name], "with 1,000 measures")
    for name, number in _most_queries(get, pages).items():
        most = max(number, queries[name])
        figures[f"{name}_queries"] = _figure(
            most, "queries", f"anonymous, up to 10,000 measures; at most {MAX_QUERIES}"
        )
    for suffix, (peak, size) in _exports(get).items():
        note = f"memory for a file of {size:.1f} MB with 10,000 measures; {exports[suffix][0]:.1f} with 1,000"
        figures[f"export_{suffix}_mb"] = _figure(peak, "MB", note)
    return {f"{connection.vendor}_{name}": figure for name, figure in figures.items()}


def _pages() -> dict[str, list[str]]:
    """Of each kind so many addresses that none is asked for twice: what is kept for readers does not count."""
    number = (ROUNDS + 1) * REQUESTS
    started = Measure.objects.filter(state=Measure.State.IN_PROGRESS).order_by("number")[:number]
    fields = [FieldOfAction.Accent.values[n % 4] for n in range(number)]
    return {
        "bare": [BARE] * number,
        "list": [f"{LIST}?seite={n % 25 + 1}&sortierung={'neues' if n < 25 else 'titel'}" for n in range(number)],
        "filter": [
            f"{LIST}?handlungsfeld={field}&stand=in_progress&ortsteil=ortsteil-{n % 14:02}&ortsteil=ganze-stadt&n={n}"
            for n, field in enumerate(fields)
        ],
        "search": [f"{LIST}?q={data.STREETS[n % 30].lower()}&n={n}" for n in range(number)],
        "search_common": [f"{LIST}?q={WORDS[n % 4]}+{WORDS[n % 3]}&n={n}" for n in range(number)],
        "detail": [row.get_absolute_url() for row in started],
    }


def _over(seconds: float, base: float, words: str) -> dict[str, Any]:
    return _figure(seconds / base, "ratio", f"{seconds * 1000:.1f} ms over {base * 1000:.1f} ms {words}")


def _again(get: "Portal", pages: dict[str, list[str]], bare: float) -> dict[str, dict[str, Any]]:
    """The same page for one reader after another, nothing having been written in between."""
    same = {name: addresses[:1] * len(addresses) for name, addresses in pages.items() if name in ("list", "detail")}
    return {f"{name}_again": _over(seconds, bare, "bare") for name, seconds in _cpu(get, same).items()}


def _most_queries(get: "Portal", pages: dict[str, list[str]]) -> dict[str, int]:
    """The most queries that one page of each kind takes."""
    return {
        name: max(_queries(get, address) for address in addresses) for name, addresses in pages.items() if name in KINDS
    }


def _queries(get: "Portal", address: str) -> int:
    queries = Queries()
    with connection.execute_wrapper(queries):
        get(f"{address}{'&' if '?' in address else '?'}gezaehlt=1")
    return queries.number


def _exports(get: "Portal") -> dict[str, tuple[float, float]]:
    """Of each kind of file with all measures, megabytes: of memory at the peak, beside the file, and of the file."""
    figures = {}
    for suffix in ("csv", "json", "xlsx"):
        tracemalloc.start()
        size = sum(len(part) for part in get.stream(f"{LIST}liste.{suffix}"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        figures[suffix] = peak / 2**20, size / 2**20
    return figures


def _figure(value: float, unit: str, note: str) -> dict[str, Any]:
    return {"value": round(value, 2), "unit": unit, "note": note}


class Portal:
    """The WSGI application, asked for a path the whole way through the middleware."""

    def __init__(self) -> None:
        self.application = get_wsgi_application()

    def __call__(self, path: str) -> bytes:
        return b"".join(self.stream(path))

    def stream(self, path: str) -> Iterator[bytes]:
        """The parts of the answer, none of them kept. RuntimeError if it is not a page."""
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ["PATH_INFO"], _, environ["QUERY_STRING"] = path.partition("?")
        statuses: list[str] = []
        response = self.application(environ, lambda status, headers, _error=None: statuses.append(status))
        yield from response
        response.close()
        if statuses != ["200 OK"]:
            raise RuntimeError(f"{path}: {statuses}")


def _cpu(get: Portal, pages: dict[str, list[str]]) -> dict[str, float]:
    """Seconds of CPU for one request of each kind: medians of interleaved rounds, after a first one for the caches."""
    seconds: dict[str, list[float]] = {name: [] for name in pages}
    for round_ in range(ROUNDS + 1):
        for name, addresses in pages.items():
            start = time.process_time()
            for address in addresses[round_ * REQUESTS : (round_ + 1) * REQUESTS]:
                get(address)
            if round_:
                seconds[name].append((time.process_time() - start) / REQUESTS)
    return {name: statistics.median(values) for name, values in seconds.items()}
