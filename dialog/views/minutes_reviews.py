from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_fsm import TransitionNotAllowed

from dialog.forms.minutes import CorrectionForm
from dialog.forms.rendering import add_errors
from dialog.models import Correction
from dialog.services import minutes_review


@never_cache
def review(request: HttpRequest, token: str) -> HttpResponse:
    """Minutes in review behind a signed link: reading them, and proposing corrections to each item."""
    access = minutes_review.from_token(token)
    if access is None:
        raise Http404
    now = timezone.now()
    asked = request.POST.get("item") or request.GET.get("punkt", "")
    item = access.items.filter(pk=asked if asked.isdecimal() else 0).first()
    form, status = CorrectionForm(request.POST or None), HTTPStatus.OK
    if request.method == "POST" and item is not None and form.is_valid():
        try:
            minutes_review.propose(access, item, text=form.cleaned_data["text"], at=now)
        except ValidationError as error:
            add_errors(form, error)
        except TransitionNotAllowed:
            status = HTTPStatus.CONFLICT
        else:
            messages.success(request, _("Danke. Ihr Vorschlag ist angekommen."))
            return redirect("minutes_review", token)
    context: dict[str, Any] = {"access": access, "minutes": access.minutes, "meeting": access.minutes.meeting}
    context |= {"form": form, "too_late": form.data.get("text", "") if status == HTTPStatus.CONFLICT else ""}
    if access.minutes.takes_corrections_on(timezone.localdate(now)):
        own = Correction.objects.filter(minutes=access.minutes, person=access.person, guest=access.guest)
        context |= {
            "content": access.content(),
            "own": own.select_related("agenda_item").order_by("agenda_item__position", "pk"),
            "corrects": item.pk if item else None,
        }
    return render(request, "dialog/minutes_review.html", context, status=status)
