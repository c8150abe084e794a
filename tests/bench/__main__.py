"""Measures the portal in its own process: CPU time, medians of interleaved rounds, in a database of its own.

Prints a table and writes `bench.json` into the folder for data (`var/`). The yardstick of the pages is a bare
Django page behind the same middleware, the report's is WeasyPrint on the same HTML. What readers feel is said by
Lighthouse, on the portal as it is served. With names of parts (`pages`, `report`, `costs`, `lighthouse`) it measures
these alone and keeps the other figures of an earlier run.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from . import portal


def main() -> None:
    portal.start()
    from django.conf import settings

    from . import database, lighthouse, pages, report

    parts = {
        "pages": database.scratch()(pages.measure),
        "report": database.scratch()(report.measure),
        "costs": database.scratch()(report.costs),
        "lighthouse": lighthouse.measure,
    }
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measures the portal.")
    parser.add_argument("part", nargs="*", metavar="|".join(parts), help="what to measure; without: everything")
    chosen = parser.parse_args().part
    if unknown := set(chosen) - set(parts):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    figures: dict[str, dict[str, Any]] = {}
    for name in chosen or parts:
        figures |= parts[name]()
    for name, figure in figures.items():
        print(f"{name:24} {figure['value']:>9} {figure['unit']:<8} {figure['note']}")
    target = Path(settings.DATA_DIR) / "bench.json"
    kept = json.loads(target.read_text(encoding="utf-8")) if chosen and target.exists() else {}
    target.write_text(json.dumps(kept | figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
