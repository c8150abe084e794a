"""Questions of citizens to the lead of a measure: confirmed, passed on, answered, and forgotten again."""

import datetime as dt
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from dialog.models import MailPreference, Person, User
from dialog.services import mails, steps
from measures.models import Measure, Question

State = Question.State
TASKS = MailPreference.Category.TASKS

#: Who asks without an account confirms their address within this time; else the question is deleted.
CONFIRM_WITHIN = dt.timedelta(days=2)
#: Name and address are kept for so long after the answer, in case of a second question.
KEPT = dt.timedelta(days=182)

_SALT = "measures.question"


@transaction.atomic
def ask(
    measure: Measure,
    *,
    name: str,
    email: str,
    text: str,
    name_public: bool,
    by: User | None,
    at: dt.datetime,
) -> Question:
    """Takes a question down. Of somebody signed in (`by`) it goes on at once; others confirm their address first."""
    question = Question(
        measure=measure, name=" ".join(name.split()), email=email.lower(), text=text.strip(), name_public=name_public
    )
    question.asked_at = at
    question.full_clean(exclude=["state"])
    question.save()
    if by is not None and by.email == question.email:
        _receive(question, by=by, at=at)
    else:
        mails.send(
            "question_confirm", [_asker(question)], category=mails.ALWAYS, question=question, link=_link(question)
        )
    return question


def _asker(question: Question) -> Person:
    return Person(name=question.name, email=question.email)


def _link(question: Question) -> str:
    token = signing.dumps(question.pk, salt=_SALT)
    return urljoin(settings.BASE_URL, reverse("question_confirm", args=[token]))


def from_token(token: str) -> Question | None:
    """The question that a link from a mail is about; None if the link is not ours or too old, or the question gone."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return Question.objects.filter(pk=pk).select_related("measure").first()


def confirm(question: Question, *, at: dt.datetime) -> None:
    """The address is the asker's own; a second click changes nothing."""
    if question.state == State.UNCONFIRMED:
        _receive(question, by=None, at=at)


@transaction.atomic
def _receive(question: Question, *, by: User | None, at: dt.datetime) -> None:
    steps.take(question, "confirm", by=None, at=at)
    mails.send("question_received", Person.objects.planning_group(), category=TASKS, question=question)


@transaction.atomic
def forward(question: Question, *, by: User | None, at: dt.datetime) -> None:
    """The planning group asks the lead's contacts to answer. ValidationError if none of them can be reached."""
    contacts = [person for person in question.measure.contacts.select_related("user") if person.user_id]
    if not contacts:
        raise ValidationError(
            _("Diese Maßnahme hat keine Ansprechperson mit Konto. Bitte antworten Sie selbst oder nennen Sie eine.")
        )
    steps.take(question, "forward", by=by, at=at, moment=at)
    mails.send("question_forwarded", contacts, category=TASKS, question=question)


@transaction.atomic
def answer(question: Question, *, text: str, publish: bool = False, by: User, at: dt.datetime) -> None:
    """The answer goes to the asker by mail and, if the planning group wants it, onto the measure's page."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Bitte schreiben Sie eine Antwort.")})
    if publish and not by.has_perm("measures.run_question", question):
        raise PermissionDenied
    steps.take(question, "give_answer", by=by, at=at, text=text, moment=at)
    if publish:
        show(question, True, by=by, at=at)
    if question.email:
        mails.send("question_answered", [_asker(question)], category=mails.ALWAYS, question=question)
    if not by.runs_the_process:
        mails.send("question_answered_by_lead", Person.objects.planning_group(), category=TASKS, question=question)


@transaction.atomic
def dismiss(question: Question, *, reason: str, by: User, at: dt.datetime) -> None:
    """No answer is given, for a reason that stays inside: an insult, advertising, the same question again."""
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte sagen Sie, warum die Frage nicht beantwortet wird.")})
    steps.take(question, "dismiss", by=by, at=at, note=reason.strip())


def show(question: Question, public: bool, *, by: User, at: dt.datetime) -> None:
    """Puts question and answer on the measure's page or takes them off. PermissionDenied, ValidationError."""
    if not by.has_perm("measures.run_question", question):
        raise PermissionDenied
    if question.state != State.ANSWERED:
        raise ValidationError(_("Veröffentlicht wird eine Frage zusammen mit ihrer Antwort."))
    question.published_at = at if public else None
    question.save()
    steps.record(question, "publish" if public else "withdraw", before=question.state, by=by, at=at)


def forget(now: dt.datetime) -> int:
    """Deletes what is no longer needed; returns how many questions lost something.

    Unconfirmed questions go after `CONFIRM_WITHIN`. `KEPT` after the last step, what is not published goes whole; of a
    published one goes the address, and the name unless it may stand beside it.
    """
    unconfirmed = Question.objects.filter(state=State.UNCONFIRMED, asked_at__lt=now - CONFIRM_WITHIN).delete()[0]
    old = Question.objects.filter(
        Q(state=State.ANSWERED, answered_at__lt=now - KEPT) | Q(state=State.DISMISSED, asked_at__lt=now - KEPT)
    )
    private = old.filter(published_at=None).delete()[0]
    public = old.exclude(email="")
    without_name = public.filter(name_public=False).update(email="", name="")
    return unconfirmed + private + without_name + public.filter(name_public=True).update(email="")


def forget_asker(address: str) -> None:
    """Whoever asked from `address` wants to be forgotten: what is published loses name and address, all else goes."""
    asked = Question.objects.filter(email__iexact=address)
    asked.filter(published_at=None).delete()
    asked.update(name="", email="")
