import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from dialog.models.people import runs_the_process

from .measures import Measure


class QuestionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "QuestionQuerySet":
        """The planning group sees all that are confirmed, the lead's contacts those passed on to them.

        Everyone sees what is published, as far as they see the measure.
        """
        confirmed = self.exclude(state=Question.State.UNCONFIRMED)
        if runs_the_process(user):
            return confirmed
        seen = Q(Exists(Measure.objects.visible_to(user).filter(pk=OuterRef("measure"))), published_at__isnull=False)
        if user.is_authenticated:
            seen |= Q(
                Exists(Measure.objects.filter(pk=OuterRef("measure"), contacts__user=user)),
                state__in=Question.WITH_THE_LEAD,
            )
        return confirmed.filter(seen)

    def open(self) -> "QuestionQuerySet":
        """Nobody has answered yet; the longest waiting first."""
        return self.filter(state__in=Question.OPEN).order_by("asked_at", "pk")

    def with_the_lead(self, user: Any) -> "QuestionQuerySet":
        """Open questions that were passed on to `user` as a contact of the lead."""
        mine = Measure.objects.filter(pk=OuterRef("measure"), contacts__user=user)
        return self.filter(Exists(mine), state=Question.State.FORWARDED).order_by("forwarded_at", "pk")

    def published(self) -> "QuestionQuerySet":
        """With their answer for everyone to read, the newest first."""
        return self.filter(published_at__isnull=False).order_by("-answered_at", "-pk")


class Question(ConcurrentTransitionMixin, models.Model):
    """A citizen's question to the lead of a measure, and the answer."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("noch nicht bestätigt")
        RECEIVED = "received", _("eingegangen")
        FORWARDED = "forwarded", _("bei der Federführung")
        ANSWERED = "answered", _("beantwortet")
        DISMISSED = "dismissed", _("nicht beantwortet")

    OPEN = (State.RECEIVED, State.FORWARDED)
    WITH_THE_LEAD = (State.FORWARDED, State.ANSWERED)

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="questions", verbose_name=_("Maßnahme"))
    state = FSMField(_("Stand"), choices=State.choices, default=State.UNCONFIRMED, protected=True)
    #: Name and address are empty once their time is over.
    name = models.CharField(_("Ihr Name"), max_length=120, blank=True)
    email = models.EmailField(_("Ihre E-Mail-Adresse"), blank=True)
    text = models.TextField(_("Ihre Frage"), max_length=3000)
    name_public = models.BooleanField(_("Mein Name darf neben der Frage stehen"), default=False)
    asked_at = models.DateTimeField(_("gefragt am"))
    forwarded_at = models.DateTimeField(_("weitergegeben am"), null=True, blank=True)
    answer = models.TextField(_("Antwort"), blank=True, max_length=6000)
    answered_at = models.DateTimeField(_("beantwortet am"), null=True, blank=True)
    published_at = models.DateTimeField(_("veröffentlicht am"), null=True, blank=True)
    is_example = models.BooleanField(_("Beispiel"), default=False, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Frage zu einer Maßnahme")
        verbose_name_plural = _("Fragen zu Maßnahmen")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False) & ~Q(answer="")
                | (~Q(state="answered") & Q(answer="", published_at=None)),
                name="question_answered_has_an_answer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.text[:60]}"

    def get_absolute_url(self) -> str:
        return reverse("workspace_question", args=[self.pk])

    @transition(state, State.UNCONFIRMED, State.RECEIVED)
    def confirm(self) -> None: ...

    @transition(state, State.RECEIVED, State.FORWARDED, permission="measures.run_question")
    def forward(self, *, moment: dt.datetime) -> None:
        self.forwarded_at = moment

    @transition(state, [State.RECEIVED, State.FORWARDED], State.ANSWERED, permission="measures.answer_question")
    def give_answer(self, *, text: str, moment: dt.datetime) -> None:
        self.answer, self.answered_at = text, moment

    @transition(state, [State.RECEIVED, State.FORWARDED], State.DISMISSED, permission="measures.run_question")
    def dismiss(self) -> None: ...
