"""Following what one wants to hear of."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dialog.http import SignedInRequest
from dialog.models import User
from dialog.services import followings


@login_required
@require_POST
def follow(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """Begins or ends following a row, then leads back to where the button stands."""
    if kind not in followings.KINDS:
        raise Http404
    row: Any = get_object_or_404(followings.readable(kind, request.user), pk=pk)
    if request.POST.get("follow") == "off":
        followings.unfollow(row, by=request.user)
        messages.success(request, _("Sie folgen „%(title)s“ nicht mehr.") % {"title": row})
    else:
        followings.follow(row, by=request.user, at=timezone.now())
        messages.success(request, _("Sie folgen jetzt „%(title)s“ und bekommen Neues per E-Mail.") % {"title": row})
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return redirect(back)
    return redirect(row)


def followed(request: HttpRequest, user: User) -> str:
    """What this account follows, for its own page."""
    rows = followings.followed_by(user)
    return render_to_string("dialog/panels/followed.html", {"rows": rows}, request=request)
