"""How measures, resolutions and reports present themselves where they are shared."""

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from dialog.sharing import Card, city, register

from .models import CouncilReport, Measure, Resolution


def measure(row: Measure) -> Card:
    return Card(kind=_("Maßnahme %(number)s") % {"number": row.number}, title=row.title, detail=row.get_state_display())


def resolution(row: Resolution) -> Card:
    detail = _("Beschluss vom %(day)s") % {"day": format_date(row.adopted_on, "j. F Y")}
    return Card(kind=_("Ratsbeschluss"), title=row.title, detail=detail)


def report(row: CouncilReport) -> Card:
    """https://schema.org/Report"""
    data = {"@type": "Report", "publisher": city(), "inLanguage": "de", "temporalCoverage": str(row.year)}
    if row.published_at:
        data["datePublished"] = row.published_at.date().isoformat()
    if row.paper_number:
        data["reportNumber"] = row.paper_number
    title = _("Bericht %(year)s an den Rat") % {"year": row.year}
    return Card(kind=_("Lüner Dialog"), title=title, detail=row.get_state_display(), data=data)


register(Measure, measure)
register(Resolution, resolution)
register(CouncilReport, report)
