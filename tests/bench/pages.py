"""What the public pages cost."""

import statistics
import time
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils import timezone

from measures.models import Measure

from . import data
from .queries import Queries

ROUNDS, REQUESTS = 7, 5
BARE = "/nackt/"
LIST = "/massnahmen/"
FILTER = "/massnahmen/?handlungsfeld=bildung&stand=in_progress&ortsteil=ortsteil-03&ortsteil=ganze-stadt"
SEARCH = "/massnahmen/?q=spielwerkstatt+kulturfest"
MAX_BYTES = 60_000


def measure() -> dict[str, dict[str, Any]]:
    """The figures of the pages, with 1,000 and then 10,000 measures."""
    get = _getter()
    today = timezone.localdate()
    data.fill(1_000, today=today)
    detail = Measure.objects.filter(state=Measure.State.IN_PROGRESS).order_by("number")[0].get_absolute_url()
    pages = {"list": LIST, "filter": FILTER, "search": SEARCH, "detail": detail}
    cpu = _cpu(get, [BARE, *pages.values()])
    figures = {
        name: _figure(cpu[path] / cpu[BARE], "ratio", f"{cpu[path] * 1000:.1f} ms over {cpu[BARE] * 1000:.1f} ms bare")
        for name, path in pages.items()
    }
    queries = Queries()
    with connection.execute_wrapper(queries):
        size = len(get(LIST))
    small = cpu[LIST]
    data.fill(10_000, today=today)
    large = _cpu(get, [LIST])[LIST]
    figures["list_10k_over_1k"] = _figure(large / small, "ratio", f"{large * 1000:.1f} ms over {small * 1000:.1f} ms")
    figures["list_queries"] = _figure(queries.number, "queries", "1,000 measures, anonymous")
    figures["list_bytes"] = _figure(size, "bytes", f"HTML, uncompressed; at most {MAX_BYTES}")
    return figures


def _figure(value: float, unit: str, note: str) -> dict[str, Any]:
    return {"value": round(value, 2), "unit": unit, "note": note}


def _getter() -> Callable[[str], bytes]:
    """Asks the WSGI application for a path, the whole way through the middleware."""
    application = get_wsgi_application()

    def get(path: str) -> bytes:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ["PATH_INFO"], _, environ["QUERY_STRING"] = path.partition("?")
        statuses: list[str] = []
        response = application(environ, lambda status, headers, _error=None: statuses.append(status))
        content = b"".join(response)
        response.close()
        if statuses != ["200 OK"]:
            raise RuntimeError(f"{path}: {statuses}")
        return content

    return get


def _cpu(get: Callable[[str], bytes], paths: list[str]) -> dict[str, float]:
    """Seconds of CPU for one request to each path: medians of interleaved rounds, after a first one for the caches."""
    seconds: dict[str, list[float]] = {path: [] for path in paths}
    for round_ in range(ROUNDS + 1):
        for path in paths:
            start = time.process_time()
            for _ in range(REQUESTS):
                get(path)
            if round_:
                seconds[path].append((time.process_time() - start) / REQUESTS)
    return {path: statistics.median(values) for path, values in seconds.items()}
