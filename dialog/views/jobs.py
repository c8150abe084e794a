from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dialog.http import SignedInRequest
from dialog.models import JobRun
from dialog.services import jobs


@login_required
@never_cache
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """How far a job is; asked again by the page itself while it runs, or by its reload link.

    Where nothing has changed since the page was told, it is told nothing: a screen reader would read it all again.
    """
    found = get_object_or_404(JobRun.objects.visible_to(request.user).select_related("document"), pk=pk)
    seconds_left = found.seconds_left(timezone.now())
    stand = f"{found.state}-{found.step}{'-late' if seconds_left == 0 else ''}"
    context = {"job": found, "seconds_left": seconds_left, "stand": stand}
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "dialog/job.html", context)
    if request.GET.get("stand") == stand:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "dialog/job.html#progress", context)


@login_required
@require_POST
def restart(request: SignedInRequest, pk: int) -> HttpResponse:
    """Starts a failed job once more."""
    found = get_object_or_404(JobRun.objects.visible_to(request.user), pk=pk)
    return redirect(jobs.restart(found, by=request.user, at=timezone.now()))
