"""Recommendations, and what became of them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from dialog import panels
from dialog.forms.filters import PAGE
from dialog.forms.recommendations import RecommendationFilter
from dialog.models import AgendaItem, Recommendation

PAGE_SIZE = 25


def recommendations(request: HttpRequest) -> HttpResponse:
    """All recommendations, to be searched and narrowed down."""
    visible = Recommendation.objects.visible_to(request.user).select_related("field", "body")
    chosen = RecommendationFilter(request.GET, queryset=visible)
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get(PAGE))
    facets = [(name, chosen.filters[name].label, chosen.options(name)) for name in ("handlungsfeld", "stand")]
    return render(request, "dialog/recommendation_list.html", {"filter": chosen, "facets": facets, "page_obj": page})


def recommendation(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """One recommendation: wording, addressees, debates, and what followed or since when it waits."""
    recommendation = get_object_or_404(
        Recommendation.objects.visible_to(request.user)
        .select_related("body", "field")
        .prefetch_related("strands", "addressees__body", "addressees__organization"),
        number=number,
    )
    if slug != recommendation.slug:
        return redirect(recommendation, permanent=True)
    items = AgendaItem.objects.visible_to(request.user).filter(pk=recommendation.agenda_item_id)
    return render(
        request,
        "dialog/recommendation_detail.html",
        {
            "recommendation": recommendation,
            "agenda_item": items.select_related("meeting__body").first() if recommendation.agenda_item_id else None,
            "aims": panels.render("recommendation_aims", request, recommendation),
            "debates": panels.render("recommendation_debates", request, recommendation),
            "followed": panels.render("recommendation", request, recommendation),
        },
    )
