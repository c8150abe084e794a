"""Questions to the lead of a measure: asking, confirming, and answering them in the workspace."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.forms.filters import PAGE
from dialog.forms.rendering import add_errors
from dialog.http import SignedInRequest
from dialog.models import Step
from dialog.services import steps
from measures.forms.questions import AnswerForm, DismissForm, QuestionForm
from measures.models import Measure, Question
from measures.services import questions

PAGE_SIZE = 50


def ask(request: HttpRequest, number: str) -> HttpResponse:
    """The form with which anyone asks the lead of a measure."""
    measure = get_object_or_404(Measure.objects.visible_to(request.user).select_related("lead"), number=number)
    form = QuestionForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("name", "email", "text", "name_public")}
        by = request.user if request.user.is_authenticated else None
        try:
            question = questions.ask(measure, by=by, at=timezone.now(), **data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            context = {"measure": measure, "question": question}
            return render(request, "measures/question_asked.html", context)
    return render(request, "measures/question_form.html", {"measure": measure, "form": form})


def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link from the mail. Only the button confirms: programs that look into mails open links, too."""
    question = questions.from_token(token)
    if question is None:
        return render(request, "measures/question_confirm.html", {"unknown": True}, status=404)
    if request.method == "POST":
        questions.confirm(question, at=timezone.now())
    done = question.state != Question.State.UNCONFIRMED
    return render(request, "measures/question_confirm.html", {"question": question, "done": done})


@login_required
def workspace_questions(request: SignedInRequest) -> HttpResponse:
    """Questions that wait, the longest first, and those answered; for contacts of a lead those passed on to them."""
    user = request.user
    rows = Question.objects.visible_to(user).select_related("measure__lead")
    if not user.has_perm("measures.run_question"):
        rows = rows.filter(measure__contacts__user=user, state__in=Question.WITH_THE_LEAD).distinct()
        if not rows.exists():
            raise PermissionDenied
    page = Paginator(rows.exclude(state__in=Question.OPEN), PAGE_SIZE).get_page(request.GET.get(PAGE))
    return render(request, "measures/workspace_questions.html", {"open": rows.open(), "page_obj": page})


#: What may be done with a question: the step it needs, and the service.
ACTIONS: dict[str, tuple[str, Any]] = {
    "forward": ("forward", questions.forward),
    "answer": ("give_answer", questions.answer),
    "dismiss": ("dismiss", questions.dismiss),
}


@login_required
def workspace_question(request: SignedInRequest, pk: int) -> HttpResponse:
    """One question: passing it on, answering it, publishing the answer."""
    user, now = request.user, timezone.now()
    question = get_object_or_404(Question.objects.visible_to(user).select_related("measure__lead"), pk=pk)
    if not user.has_perm("measures.answer_question", question):
        raise PermissionDenied
    wanted = request.POST.get("action", "")
    if wanted in {"show", "hide"}:
        questions.show(question, wanted == "show", by=user, at=now)
        messages.success(request, _("Die Änderung ist gespeichert."))
        return redirect("workspace_question", pk)
    action_forms = _forms(request, question, wanted)
    form = action_forms.get(wanted)
    if form is not None and form.is_valid():
        try:
            ACTIONS[wanted][1](question, by=user, at=now, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Die Änderung ist gespeichert."))
            return redirect("workspace_question", pk)
    context = {
        "question": question,
        "forms": action_forms,
        "may_publish": user.has_perm("measures.run_question", question),
        "trace": Step.objects.visible_to(user).of(question).select_related("by__person"),
    }
    return render(request, "measures/workspace_question.html", context)


def _forms(request: SignedInRequest, question: Question, wanted: str) -> dict[str, forms.Form]:
    possible = steps.open_to(question, request.user)
    may_publish = request.user.has_perm("measures.run_question", question)

    def data(name: str) -> Any:
        return request.POST if name == wanted else None

    every: dict[str, forms.Form] = {
        "forward": forms.Form(data("forward")),
        "answer": AnswerForm(data("answer"), may_publish=may_publish),
        "dismiss": DismissForm(data("dismiss"), auto_id="ende_%s"),
    }
    return {name: form for name, form in every.items() if ACTIONS[name][0] in possible}
