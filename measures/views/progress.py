from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.http import SignedInRequest
from measures.forms.progress import ProgressForm
from measures.models import Measure, ProgressUpdate
from measures.services import progress


@login_required
def workspace_measures(request: SignedInRequest) -> HttpResponse:
    """The measures whose news this account writes, the longest silent first."""
    measures = Measure.objects.updatable_by(request.user).with_standing(timezone.localdate())
    if not measures and not request.user.has_perm("dialog.enter_workspace"):
        raise PermissionDenied
    return render(request, "measures/workspace_measures.html", {"measures": measures.select_related("lead")})


@login_required
def workspace_progress(request: SignedInRequest, number: str) -> HttpResponse:
    """One form for one measure's news."""
    measure = get_object_or_404(Measure.objects.visible_to(request.user), number=number)
    if not request.user.has_perm("measures.update_measure", measure):
        raise PermissionDenied
    form = ProgressForm(request.POST or None, measure=measure)
    if request.method == "POST" and form.is_valid():
        try:
            progress.publish(measure, by=request.user, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Der Sachstand ist veröffentlicht. Vielen Dank!"))
            return redirect(measure)
    updates = ProgressUpdate.objects.visible_to(request.user).filter(measure=measure)[:3]
    return render(request, "measures/workspace_progress.html", {"measure": measure, "form": form, "updates": updates})
