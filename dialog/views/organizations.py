"""Institutions: what they carry, where they are represented, what they signed."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from dialog.models import Membership, Organization, Signature


def organizations(request: HttpRequest) -> HttpResponse:
    """All institutions by kind, with search."""
    query = request.GET.get("q", "")[:200].replace("\x00", "")
    bodies = Count("memberships__body", filter=Q(memberships__state=Membership.State.ACTIVE), distinct=True)
    rows = Organization.objects.visible_to(request.user).search(query).annotate(body_count=bodies)
    # Sorted by the words for the kinds, as they stand on the page.
    order = {kind: place for place, (kind, _label) in enumerate(Organization.Kind.choices)}
    found = sorted(rows.order_by("name"), key=lambda row: order[row.kind])
    return render(request, "dialog/organization_list.html", {"organizations": found, "query": query})


def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """One institution."""
    found = get_object_or_404(Organization.objects.visible_to(request.user).select_related("part_of"), slug=slug)
    named = Membership.objects.visible_to(request.user).active().filter(organization=found)
    represented = Membership.objects.active().filter(organization=found).select_related("body")
    names = {row.pk: row for row in named.select_related("person", "body")}
    bodies: dict[int, dict[str, object]] = {}
    for row in represented.order_by("body__position", "person__name"):
        entry = bodies.setdefault(row.body_id, {"body": row.body, "named": []})
        if row.pk in names:
            entry["named"].append(names[row.pk])  # type: ignore[attr-defined]
    context = {
        "organization": found,
        "bodies": list(bodies.values()),
        "parts": Organization.objects.visible_to(request.user).filter(part_of=found),
        "signatures": Signature.objects.visible_to(request.user)
        .published()
        .filter(organization=found)
        .select_related("declaration"),
    }
    return render(request, "dialog/organization_detail.html", context)
