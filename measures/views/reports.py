"""The yearly reports to the council, for everyone to read; they stay when their measures are long gone."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from dialog.views.documents import serve
from measures.models import CouncilReport, ReportEdition, ReportPart
from measures.services import report_comparison
from measures.services import reports as service


def reports(request: HttpRequest) -> HttpResponse:
    """The archive: all years that have a report."""
    found = CouncilReport.objects.visible_to(request.user).exclude(generated_at=None).select_related("document")
    return render(request, "measures/report_list.html", {"reports": found.defer("content")})


def report(request: HttpRequest, year: int) -> HttpResponse:
    """One report as a page, from the same content as its PDF."""
    found = _report(request, year)
    return render(
        request,
        "measures/report_detail.html",
        {
            "report": found,
            "document": found.document,
            "editions": (editions := _editions(request, found)),
            "parts": _parts(request, editions[0] if editions else None),
            "earlier": _published(request).filter(year__lt=year).values_list("year", flat=True),
            **service.context(found.content, paper=False),
        },
    )


def report_edition(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """An edition at its own address, as it was frozen."""
    edition = _edition(request, year, number)
    return render(
        request,
        "measures/report_detail.html",
        {
            "report": edition.report,
            "document": edition.document,
            "edition": edition,
            "editions": _editions(request, edition.report),
            "parts": _parts(request, edition),
            **service.context(edition.snapshot, paper=False),
        },
    )


def report_pdf(request: HttpRequest, year: int) -> HttpResponseBase:
    """The PDF of what the report says now; a draft's for the groups that it is put before."""
    document = _report(request, year).document
    if document is None:
        raise Http404
    return serve(document)


def report_part(request: HttpRequest, year: int, number: int, slug: str) -> HttpResponseBase:
    """The PDF of a part: the short version, a field of action, or a working group."""
    visible = ReportPart.objects.visible_to(request.user).select_related("document")
    found = get_object_or_404(visible, edition__report__year=year, edition__number=number, slug=slug)
    return serve(found.document)


def report_data(request: HttpRequest, year: int, number: int) -> HttpResponse:
    """The snapshot of an edition, as the very text that its checksum is of."""
    edition = _edition(request, year, number)
    response = HttpResponse(service.canonical(edition.snapshot), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="bericht-{year}-ausgabe-{number}.json"'
    return response


def report_comparison_page(request: HttpRequest, year: int, other: int) -> HttpResponse:
    """What changed from an earlier report to this one."""
    if other >= year:
        return redirect("report_comparison", other, year) if other > year else redirect("report", year)
    later, earlier = (get_object_or_404(_published(request), year=which) for which in (year, other))
    context = {
        "report": later,
        "other": earlier,
        "years": _published(request).filter(year__lt=year).values_list("year", flat=True),
        "comparison": report_comparison.compare(
            *(service.context(row.content, paper=False)["content"] for row in (earlier, later))
        ),
    }
    return render(request, "measures/report_compare.html", context)


def _report(request: HttpRequest, year: int) -> CouncilReport:
    visible = CouncilReport.objects.visible_to(request.user).select_related("document")
    return get_object_or_404(visible, year=year, generated_at__isnull=False)


def _published(request: HttpRequest) -> Any:
    return CouncilReport.objects.visible_to(request.user).published().exclude(generated_at=None)


def _editions(request: HttpRequest, report: CouncilReport) -> list[ReportEdition]:
    """The editions of a report that the reader may see, the newest first."""
    found = ReportEdition.objects.visible_to(request.user).filter(report=report)
    return list(found.select_related("document", "report").defer("snapshot", "report__content"))


def _parts(request: HttpRequest, edition: ReportEdition | None) -> list[ReportPart]:
    """The parts of an edition, each knowing the edition it is of."""
    found = ReportPart.objects.visible_to(request.user).filter(edition=edition).select_related("document")
    parts = list(found) if edition else []
    for part in parts:
        part.edition = edition
    return parts


def _edition(request: HttpRequest, year: int, number: int) -> ReportEdition:
    visible = ReportEdition.objects.visible_to(request.user).select_related("document", "report")
    return get_object_or_404(visible.defer("report__content"), report__year=year, number=number)
