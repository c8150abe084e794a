from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from dialog.forms.meetings import AnswerForm
from dialog.models import Meeting
from dialog.models.attendance import Invited
from dialog.services import agenda, meeting_invitations

#: What a link in the mail preselects; nothing is stored before the button is pressed.
WORDS = {"ja": Invited.Answer.YES, "nein": Invited.Answer.NO, "vertretung": Invited.Answer.DEPUTY}


@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation behind a signed link: what it is about, and the answer. Opening the link stores nothing."""
    row = meeting_invitations.from_token(token)
    if row is None:
        raise Http404
    meeting = row.meeting
    chosen = WORDS.get(request.GET.get("antwort", ""), row.answer)
    initial = {"answer": chosen, "excuse": row.excuse, "deputy": row.deputy}
    form = AnswerForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meeting_invitations.answer(row, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Danke, Ihre Antwort ist gespeichert. Sie können sie hier noch ändern."))
            return redirect("meeting_answer", token)
    context = {
        "row": row,
        "meeting": meeting,
        "form": form,
        "entries": agenda.timed(meeting, meeting_invitations.items_for(row)),
        "is_open": meeting.state == Meeting.State.PLANNED and meeting.starts_at > timezone.now(),
        "action": request.path,
    }
    return render(request, "dialog/meeting_answer.html", context)
