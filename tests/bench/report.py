"""What the council report costs."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from weasyprint import HTML

from dialog.services import pdf
from dialog.services.pdf_sources import StaticFiles
from measures.services import reports

from . import data
from .queries import Queries

MEASURES, ROUNDS = 100, 2


def measure() -> dict[str, dict[str, Any]]:
    """The figures of a report on 100 measures: against bare WeasyPrint, and in a process of its own."""
    at = timezone.now()
    year = timezone.localdate(at).year - 1
    data.fill(MEASURES, today=timezone.localdate(at))
    report = reports.draft(year, at=at)
    queries = Queries()
    with connection.execute_wrapper(queries):
        content = reports.collect(report)
    source = pdf.html("pdf/report.html", reports.context(content, paper=True), title=content["title"], at=at)

    def bare() -> None:
        HTML(string=source, base_url=settings.BASE_URL, url_fetcher=StaticFiles()).write_pdf()

    def ours() -> None:
        reports.build(report, at=at)

    bare()  # the first one reads fonts and hyphenation
    rounds = [(_seconds(bare), _seconds(ours)) for _ in range(ROUNDS)]
    theirs, mine = (statistics.median(times) for times in zip(*rounds, strict=True))
    alone = _in_its_own_process(year)
    note = f"{MEASURES} measures, {alone['pages']} pages"
    return {
        "report_over_weasyprint": {
            "value": round(mine / theirs, 2),
            "unit": "ratio",
            "note": f"{note}; collected, set, tagged, checked in {mine:.1f} s over {theirs:.1f} s bare",
        },
        "report_collect_queries": {"value": queries.number, "unit": "queries", "note": note},
        "report_peak_mb": {
            "value": alone["megabytes"],
            "unit": "MB",
            "note": f"{note}; alone in its process",
        },
    }


def _seconds(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _in_its_own_process(year: int) -> dict[str, int]:
    """Megabytes at the peak, and pages."""
    command = [sys.executable, "-m", "tests.bench.one_report", str(connection.settings_dict["NAME"]), str(year)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR)
    return json.loads(answer.stdout)
