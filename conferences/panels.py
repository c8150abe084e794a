"""What the conferences have to say on the ground floor's pages."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from conferences.models import Conference, Debate, ProgrammeItem
from dialog.models import Body, Declaration, Recommendation


def _fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> str:
    """The rendered fragment; empty if none of the lists in `context` has a row."""
    if not any(context.values()):
        return ""
    context["today"] = timezone.localdate()
    return render_to_string(f"conferences/panels/{template}.html", context, request=request)


def debates_of(request: HttpRequest, recommendation: Recommendation) -> str:
    """When and where a recommendation was debated, with which outcome."""
    debates = Debate.objects.visible_to(request.user).filter(recommendation=recommendation)
    return _fragment(request, "debates", {"debates": debates.select_related("conference")})


def reports_of(request: HttpRequest, body: Body) -> str:
    """At which conferences a body had the floor, the latest first."""
    items = ProgrammeItem.objects.visible_to(request.user).filter(body=body)
    return _fragment(
        request, "reports", {"items": items.select_related("conference").order_by("-conference__date", "position")}
    )


def adoption_of(request: HttpRequest, declaration: Declaration) -> str:
    """Which conferences adopted a declaration."""
    conferences = Conference.objects.visible_to(request.user).filter(declarations=declaration)
    return _fragment(request, "adoption", {"conferences": conferences})


def all_conferences(request: HttpRequest, process: None) -> str:
    """The conferences of all processes, in order of time."""
    conferences = Conference.objects.visible_to(request.user).order_by("date")
    return _fragment(request, "conferences", {"conferences": conferences})


def workspace_menu(request: HttpRequest, row: None) -> str:
    """The way to the conferences in the workspace, for whoever runs them."""
    if not request.user.has_perm("conferences.run_conference"):
        return ""
    return render_to_string("conferences/panels/workspace_menu.html", request=request)
