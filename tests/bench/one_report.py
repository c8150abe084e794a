"""Makes one report and says how much memory that took: `python -m tests.bench.one_report DATABASE YEAR`."""

import json
import resource
import sys

from . import portal


def main(database: str, year: int) -> None:
    portal.start()
    from django.db import connection
    from django.utils import timezone

    from dialog.services import pdf
    from measures.services import reports

    connection.settings_dict["NAME"] = database
    at = timezone.now()
    _content, made = reports.build(reports.draft(year, at=at), at=at)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"megabytes": peak, "pages": pdf.check(made).pages}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
