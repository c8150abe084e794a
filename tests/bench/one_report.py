"""Makes one report and says what that took: `python -m tests.bench.one_report DATABASE YEAR ours|tagged|bare`.

"ours" is collected, set, tagged and checked; "bare" is what WeasyPrint alone takes to set the same HTML, "tagged" what
it takes to make a PDF/A-3a of it, as ours is.
"""

import io
import json
import resource
import sys
import time

import pikepdf

from . import portal


def main(database: str, year: int, way: str) -> None:
    portal.start()
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone
    from weasyprint import HTML

    from dialog.services import pdf
    from dialog.services.pdf_sources import StaticFiles
    from measures.services import reports

    connection.settings_dict["NAME"] = database
    at = timezone.now()
    report = reports.draft(year, at=at)
    begun = time.process_time()
    content = reports.collect(report)
    collecting = time.process_time() - begun
    if way == "ours":
        begun = time.process_time()
        _content, made = reports.build(report, at=at)
    else:
        source = pdf.html("pdf/report.html", reports.context(content, paper=True), title=content["title"], at=at)
        begun = time.process_time()
        made = HTML(string=source, base_url=settings.BASE_URL, url_fetcher=StaticFiles()).write_pdf(
            pdf_variant="pdf/a-3a" if way == "tagged" else None
        )
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with pikepdf.open(io.BytesIO(made)) as paper:
        pages = len(paper.pages)
    print(json.dumps({"seconds": seconds, "collecting": collecting, "megabytes": peak, "pages": pages}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
