from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from .people import Person, runs_the_process


class MergeQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "MergeQuerySet":
        """Who is who is the planning group's business."""
        return self if runs_the_process(user) else self.none()


class Merge(ConcurrentTransitionMixin, models.Model):
    """The planning group's word on two entries for one person: on paper, and with an account."""

    class State(models.TextChoices):
        OFFERED = "offered", _("vorgeschlagen")
        MERGED = "merged", _("zusammengeführt")
        DISMISSED = "dismissed", _("verschiedene Personen")

    paper = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges", verbose_name=_("auf Papier"))
    account = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="taken_in", verbose_name=_("mit Konto"))
    state = FSMField(_("Stand"), choices=State.choices, default=State.OFFERED, protected=True)
    #: What the merge moved, as [model, field, [primary keys]], so that it can be undone.
    moved = models.JSONField(default=list, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("am"))

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("Zusammenführung")
        verbose_name_plural = _("Zusammenführungen")
        ordering = ["-decided_at"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "account"], name="merge_once_a_pair"),
            models.UniqueConstraint(fields=["paper"], condition=Q(state="merged"), name="merge_paper_goes_one_way"),
        ]

    def __str__(self) -> str:
        return f"{self.paper} → {self.account}"

    @transition(state, State.OFFERED, State.MERGED, permission="dialog.manage_people")
    def merge(self, *, moved: list[Any]) -> None:
        self.moved = moved

    @transition(state, State.OFFERED, State.DISMISSED, permission="dialog.manage_people")
    def dismiss(self) -> None: ...

    @transition(state, [State.MERGED, State.DISMISSED], State.OFFERED, permission="dialog.manage_people")
    def undo(self) -> None:
        self.moved = []
