"""Pictures for those who share an address."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control

from dialog import sharing
from dialog.services import share_pictures

#: A shared picture may be a day old; drawing one costs as much as a page.
KEPT = cache_control(public=True, max_age=24 * 3600)


@KEPT
def portal_picture(request: HttpRequest) -> HttpResponse:
    """The picture of pages that are about no row."""
    return HttpResponse(share_pictures.draw(sharing.portal_card()), content_type="image/png")


@KEPT
def picture(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    """The picture of one row, if everyone may see the row."""
    model = sharing.model_named(name)
    if model is None:
        raise Http404
    row = get_object_or_404(model.objects.visible_to(AnonymousUser()), pk=pk)  # type: ignore[attr-defined]
    return HttpResponse(share_pictures.draw(sharing.card_of(row)), content_type="image/png")
