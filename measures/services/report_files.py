"""The files that lie inside a report's PDF: what it says as data, and the measures as a table."""

import csv
import io
from typing import Any

from django.utils.translation import gettext as _

from dialog.services.pdf_archive import Attached
from dialog.services.tables import SafeText
from measures.services.report_content import all_measures


def attached(content: dict[str, Any], snapshot: str) -> list[Attached]:
    """Both files for a report with `content`; `snapshot` is the JSON text that its checksum is taken of."""
    year = content["year"]
    return [
        Attached(f"bericht-{year}.json", snapshot.encode(), _("Inhalt des Berichts als JSON"), "Source"),
        Attached(f"massnahmen-{year}.csv", table(content).encode("utf-8-sig"), _("Tabelle der Maßnahmen")),
    ]


def table(content: dict[str, Any]) -> str:
    """The measures of a report as CSV, the way German spreadsheets read it."""
    out = io.StringIO()
    writer, safe = csv.writer(out, delimiter=";"), SafeText()
    writer.writerow(
        [
            _("Nummer"),
            _("Titel"),
            _("Art"),
            _("Handlungsfeld"),
            _("Federführung"),
            _("Beteiligte"),
            _("Ortsteile"),
            _("Stand"),
            _("Fortschritt in Prozent"),
            _("letzte Mitteilung"),
            _("nächster Schritt"),
            _("nächster Schritt bis"),
            _("Ausblick"),
            _("Beispiel"),
        ]
    )
    for field in content["fields"]:
        for row in all_measures([field]):
            step = row["next_step"] or {"name": "", "due_on": None}
            writer.writerow(
                safe.render(value)
                for value in (
                    row["number"],
                    row["title"],
                    row["kind_label"],
                    field["name"],
                    row["lead"],
                    ", ".join(row["partners"]),
                    ", ".join(row["districts"]),
                    row["standing_label"],
                    str(row["progress"]),
                    row["news_on"],
                    step["name"],
                    step["due_on"] or "",
                    row["outlook"],
                    _("ja") if row["is_example"] else "",
                )
            )
    return out.getvalue()
