from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from dialog.models import District, Organization
from measures.models import CooperationAgreement, Measure


def agreements(request: HttpRequest) -> HttpResponse:
    """All cooperation agreements by district; one for several districts stands under the first and names the others."""
    user = request.user
    rows = (
        CooperationAgreement.objects.visible_to(user)
        .select_related("field", "process")
        .prefetch_related(
            Prefetch("districts", District.objects.visible_to(user)),
            Prefetch("parties", Organization.objects.visible_to(user)),
            Prefetch("measure", Measure.objects.visible_to(user)),
        )
    )
    by_district: dict[str, list[CooperationAgreement]] = {}
    for row in rows:
        names = [district.name for district in row.districts.all()]
        by_district.setdefault(" · ".join(names) or _("ganze Stadt"), []).append(row)
    return render(request, "measures/agreement_list.html", {"by_district": sorted(by_district.items())})
