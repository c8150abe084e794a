"""What the council side has to say on the ground floor's pages; everything as the reader may see it."""

from itertools import chain
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from dialog.models import Body, Organization, Recommendation, User

from . import aims, story
from .models import (
    CooperationAgreement,
    CouncilReport,
    Measure,
    ProgressUpdate,
    Question,
    Resolution,
    ResolutionPoint,
)
from .services import statements

#: When a measure began, for the story of what it came from.
DATES = ("starts_on", "date_precision")
#: So many measures stand on another page.
SHOWN = 12


def _fragment(request: HttpRequest, template: str, lists: dict[str, Any], **more: str) -> str:
    """The rendered fragment; empty if none of `lists` has a row."""
    if not any(lists.values()):
        return ""
    return render_to_string(f"measures/panels/{template}.html", {**lists, **more}, request=request)


def measures_after(request: HttpRequest, recommendation: Recommendation) -> str:
    """The measures that followed a recommendation, each with its standing, and how it went on, in order of time."""
    measures = list(_measures(request).filter(recommended_by=recommendation))
    if not measures:
        return ""
    user = request.user
    chapters = story.went_on(
        measures,
        points=ResolutionPoint.objects.visible_to(user).filter(measures__in=measures).select_related("resolution"),
        updates=ProgressUpdate.objects.visible_to(user).filter(measure__in=measures).select_related("measure"),
    )
    return _fragment(request, "after_recommendation", {"measures": measures, "chapters": chapters})


def aims_behind(request: HttpRequest, recommendation: Recommendation) -> str:
    """What the city wants with the measures that followed a recommendation."""
    measures = Measure.objects.visible_to(request.user).filter(recommended_by=recommendation).order_by()
    wanted = aims.of_measures(measures.values("pk"), request.user)
    return _fragment(request, "aims", {"aims": aims.by_field(chain.from_iterable(wanted.values()))})


def told_in_reports(request: HttpRequest, recommendation: Recommendation) -> str:
    """The reports that told the council of a recommendation."""
    reports = list(CouncilReport.objects.visible_to(request.user).published().telling_of(recommendation.number))
    return _fragment(request, "told_in_reports", {"reports": reports}, anchor=recommendation.number)


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


def measures_menu(request: HttpRequest, row: None) -> str:
    """The way to the news of measures, for whoever writes them."""
    user = request.user
    runs = user.has_perm("measures.run_question")
    if not (runs or Measure.objects.updatable_by(user).exists()):
        return ""
    asked = runs or Question.objects.with_the_lead(user).exists()
    return render_to_string("measures/panels/measures_menu.html", {"asked": asked}, request=request)


def council_menu(request: HttpRequest, row: None) -> str:
    """The way to measures, recommendations and resolutions, for whoever takes them in."""
    if not request.user.has_perm("measures.run_measure"):
        return ""
    return render_to_string("measures/panels/council_menu.html", request=request)


def tables_menu(request: HttpRequest, row: None) -> str:
    """The way to the tables in and out, for whoever takes measures in."""
    if not request.user.has_perm("measures.run_measure"):
        return ""
    return render_to_string("measures/panels/tables_menu.html", request=request)


def report_menu(request: HttpRequest, row: None) -> str:
    """The way to the reports, for whoever makes or approves them."""
    if not (request.user.has_perm("measures.make_report") or request.user.has_perm("measures.approve_report")):
        return ""
    return render_to_string("measures/panels/report_menu.html", request=request)


def _measures(request: HttpRequest) -> Any:
    columns = ("number", "slug", "title", "is_example", "state", "progress", "last_news_on", *DATES)
    return Measure.objects.visible_to(request.user).with_standing(timezone.localdate()).only(*columns)
