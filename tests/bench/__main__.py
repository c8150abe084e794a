"""Measures the portal in its own process: CPU time, medians of interleaved rounds, in a database of its own.

Prints a table and writes `bench.json` into the folder for data (`var/`). The yardstick of the pages is a bare
Django page behind the same middleware, the report's is WeasyPrint on the same HTML.
"""

import json
from pathlib import Path

from . import portal


def main() -> None:
    portal.start()
    from django.conf import settings

    from . import database, pages, report

    figures = {}
    for part in (pages, report):
        with database.scratch():
            figures |= part.measure()
    for name, figure in figures.items():
        print(f"{name:24} {figure['value']:>9} {figure['unit']:<8} {figure['note']}")
    target = Path(settings.DATA_DIR) / "bench.json"
    target.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
