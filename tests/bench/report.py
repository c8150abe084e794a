"""What the council report costs: against bare WeasyPrint, as it grows, and part by part."""

import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from weasyprint import HTML

from dialog.services import pdf
from dialog.services.pdf_sources import StaticFiles
from measures.models import Indicator, IndicatorValue
from measures.services import reports

from . import data
from .queries import Queries

SMALL, LARGE, ROUNDS = 100, 1000, 2


def measure() -> dict[str, dict[str, Any]]:
    """The figures of a report on few and on many measures."""
    year = _filled()
    few = _alone(year, "ours")
    data.fill(LARGE, today=timezone.localdate())
    many, tagged, bare = (_alone(year, way) for way in ("ours", "tagged", "bare"))
    note = f"{LARGE} measures, {many['pages']} pages"
    return {
        "report_over_weasyprint": _over(many, bare, f"{note}; all our work over WeasyPrint, untagged"),
        "report_over_tagged": _over(many, tagged, "the same over WeasyPrint making a PDF/A-3a"),
        "report_collect_share": {
            "value": round(100 * many["collecting"] / many["seconds"], 1),
            "unit": "%",
            "note": f"{note}; of the whole time",
        },
        "report_collect_queries": {"value": _queries(year), "unit": "queries", "note": note},
        "report_peak_mb": {"value": many["megabytes"], "unit": "MB", "note": f"{note}; {few['megabytes']} for {SMALL}"},
        "report_time_growth": _growth("seconds", few, many, "time"),
        "report_memory_growth": _growth("megabytes", few, many, "memory"),
    }


def costs() -> dict[str, dict[str, Any]]:
    """What the parts of a report on few measures cost."""
    return _parts(_source(_filled()))


def _filled() -> int:
    """The year of a report on few measures, for which all is there now."""
    today = timezone.localdate()
    _indicators(today.year - 1)
    data.fill(SMALL, today=today)
    return today.year - 1


def _over(ours: dict[str, float], base: dict[str, float], note: str) -> dict[str, Any]:
    value = round(ours["seconds"] / base["seconds"], 2)
    return {"value": value, "unit": "ratio", "note": f"{note}; {ours['seconds']:.0f} s over {base['seconds']:.0f} s"}


def _growth(name: str, few: dict[str, float], many: dict[str, float], what: str) -> dict[str, Any]:
    grown = many[name] / few[name] / (LARGE / SMALL)
    return {"value": round(grown, 2), "unit": "ratio", "note": f"growth of {what} over growth of measures; 1 is linear"}


def _indicators(year: int) -> None:
    """Eight indicators of ten years, as a city has."""
    for number in range(8):
        indicator = Indicator.objects.create(
            name=f"Kennzahl {number}", slug=f"kennzahl-{number}", unit="Plätze", source="Statistik", target=90
        )
        IndicatorValue.objects.bulk_create(
            IndicatorValue(indicator=indicator, year=year - back, value=Decimal(50 + 7 * number - back))
            for back in range(10)
        )


def _queries(year: int) -> int:
    queries = Queries()
    with connection.execute_wrapper(queries):
        reports.collect(reports.draft(year, at=timezone.now()))
    return queries.number


def _source(year: int) -> str:
    at = timezone.now()
    content = reports.collect(reports.draft(year, at=at))
    return pdf.html("pdf/report.html", reports.context(content, paper=True), title=content["title"], at=at)


def _without(pattern: str) -> Callable[[str], str]:
    return lambda source: re.sub(pattern, "", source, flags=re.DOTALL)


def _styled(rule: str) -> Callable[[str], str]:
    return lambda source: source.replace("</head>", f"<style>{rule}</style></head>")


#: What may cost much, and the document without it.
PARTS: dict[str, Callable[[str], str]] = {
    "tables": _without(r"<table.*?</table>"),
    "charts": _without(r"<svg[^>]*viewBox=\"0 0 360 200\".*?</svg>"),
    "page numbers of links": _styled(".contents a::after, .page::after { content: '00' !important }"),
    "hyphenation": _styled("html { hyphens: manual !important }"),
    "columns of measures": _styled(".measure { display: block !important }"),
    "marks of states": _styled(".state { background: none !important }"),
}


def _parts(source: str) -> dict[str, dict[str, Any]]:
    """How much time the document takes less without each of `PARTS`, in percent."""

    def seconds(text: str) -> float:
        start = time.process_time()
        HTML(string=text, base_url=settings.BASE_URL, url_fetcher=StaticFiles()).write_pdf(pdf_variant="pdf/a-3a")
        return time.process_time() - start

    seconds(source)  # the first one reads fonts and hyphenation
    texts = {"": source, **{name: change(source) for name, change in PARTS.items()}}
    rounds = [{name: seconds(text) for name, text in texts.items()} for _ in range(ROUNDS)]
    took = {name: statistics.median(times[name] for times in rounds) for name in texts}
    return {
        f"report_cost_{name.split()[0]}": {
            "value": round(100 * (took[""] - took[name]) / took[""], 1),
            "unit": "%",
            "note": f"{SMALL} measures; less time without {name}, of {took['']:.1f} s",
        }
        for name in PARTS
    }


def _alone(year: int, way: str) -> dict[str, float]:
    """Seconds, megabytes at the peak, and pages of a report made in a process of its own, by a way of `one_report`."""
    database = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-m", "tests.bench.one_report", database, str(year), way]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR)
    return json.loads(answer.stdout)
