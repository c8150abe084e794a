"""Declarations, and who joined them."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from dialog.models import Declaration


def declarations(request: HttpRequest) -> HttpResponse:
    """All declarations, the latest first."""
    rows = Declaration.objects.visible_to(request.user).annotate(signature_count=Count("signatures"))
    return render(request, "dialog/declaration_list.html", {"declarations": rows})


def declaration(request: HttpRequest, slug: str) -> HttpResponse:
    """The text, and who joined it since when."""
    declaration = get_object_or_404(Declaration.objects.visible_to(request.user).select_related("process"), slug=slug)
    signatures = declaration.signatures.select_related("organization")
    return render(request, "dialog/declaration_detail.html", {"declaration": declaration, "signatures": signatures})
