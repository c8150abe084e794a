"""What the council side has to say on the ground floor's pages; everything as the reader may see it."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from dialog.models import Body, Organization, Recommendation, User

from .models import CooperationAgreement, CouncilReport, Measure, Resolution
from .models.measures import Standing
from .services import reports, statements

#: So many measures stand on another page.
SHOWN = 12


def _fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> str:
    """The rendered fragment; empty if none of the lists in `context` has a row."""
    if not any(context.values()):
        return ""
    return render_to_string(f"measures/panels/{template}.html", context, request=request)


def measures_after(request: HttpRequest, recommendation: Recommendation) -> str:
    """The measures that followed a recommendation, each with its standing."""
    rows = _measures(request).filter(recommended_by=recommendation)
    return _fragment(request, "after_recommendation", {"measures": rows})


def measures_of(request: HttpRequest, body: Body) -> str:
    """The measures that came from a body's recommendations, the newest news first."""
    readable = Recommendation.objects.visible_to(request.user).filter(body=body)
    links = Measure.recommended_by.through.objects.filter(recommendation__in=readable)
    rows = _measures(request).filter(pk__in=links.values("measure"))[: SHOWN + 1]
    return _fragment(request, "of_body", {"measures": rows[:SHOWN], "more": rows[SHOWN:]})


def council_side(request: HttpRequest, process: None) -> str:
    """What the council resolved and institutions agreed in all processes, in order of time."""
    resolutions = Resolution.objects.visible_to(request.user).order_by("adopted_on")
    agreements = CooperationAgreement.objects.visible_to(request.user).count()
    return _fragment(request, "council_side", {"resolutions": resolutions, "agreements": agreements})


def carried_by(request: HttpRequest, organization: Organization) -> str:
    """What an institution carries: measures it leads or takes part in, and agreements it concluded."""
    measures = _measures(request)
    agreements = CooperationAgreement.objects.visible_to(request.user).filter(parties=organization)
    context = {
        "leads": measures.filter(lead=organization),
        "takes_part": measures.filter(partners=organization),
        "agreements": agreements,
    }
    return _fragment(request, "carried_by", context)


def measures_in_charge(request: HttpRequest, user: User) -> str:
    """The measures whose news this account writes as a contact of the lead."""
    rows = Measure.objects.updatable_by(user).filter(contacts__user=user)
    return _fragment(request, "in_charge", {"measures": rows})


def statements_asked(request: HttpRequest, user: User) -> str:
    """The reports on which the groups this account leads may speak now."""
    return _fragment(request, "statements_asked", {"asked": statements.asked_of(user, today=timezone.localdate())})


def quiet_measures(request: HttpRequest, row: None) -> str:
    """The unfinished measures that nothing was heard of for over a year, for whoever may write their news."""
    today = timezone.localdate()
    rows = Measure.objects.updatable_by(request.user).with_standing(today).filter(standing=Standing.QUIET)
    return _fragment(request, "quiet", {"measures": rows.select_related("lead")[:SHOWN], "number": rows.count()})


def measures_menu(request: HttpRequest, row: None) -> str:
    """The way to the news of measures, for whoever writes them."""
    if not Measure.objects.updatable_by(request.user).exists():
        return ""
    return render_to_string("measures/panels/measures_menu.html", request=request)


def council_menu(request: HttpRequest, row: None) -> str:
    """The way to measures, recommendations and resolutions, for whoever takes them in."""
    if not request.user.has_perm("measures.run_measure"):
        return ""
    return render_to_string("measures/panels/council_menu.html", request=request)


def report_menu(request: HttpRequest, row: None) -> str:
    """The way to the reports, for whoever makes or approves them."""
    if not (request.user.has_perm("measures.make_report") or request.user.has_perm("measures.approve_report")):
        return ""
    return render_to_string("measures/panels/report_menu.html", request=request)


def report_of_the_year(request: HttpRequest, row: None) -> str:
    """Where the report stands that is due next, for whoever makes it."""
    if not request.user.has_perm("measures.make_report"):
        return ""
    year = reports.year_due(timezone.localdate())
    report = CouncilReport.objects.visible_to(request.user).filter(year=year).defer("content").first()
    context = {"year": year, "cutoff": reports.cutoff_of(year), "report": report}
    return render_to_string("measures/panels/report_of_the_year.html", context, request=request)


def _measures(request: HttpRequest) -> Any:
    columns = ("number", "slug", "title", "is_example", "state", "progress", "last_news_on")
    return Measure.objects.visible_to(request.user).with_standing(timezone.localdate()).only(*columns)
