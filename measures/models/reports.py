"""The yearly report to the council (point 5 of the resolution of 30 October 2008)."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from dialog.models import Body, Document, Meeting, Recorded
from dialog.models.people import body_ids, runs_the_process


class CouncilReportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "CouncilReportQuerySet":
        """Everyone reads published reports; drafts are the planning group's."""
        return self if runs_the_process(user) else self.filter(state=CouncilReport.State.PUBLISHED)


class CouncilReport(ConcurrentTransitionMixin, Recorded):
    """Jahresbericht an den Rat: state of implementation and outlook of one year.

    `content` is what the report says, collected once and complete in itself; page and PDF are made of it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Entwurf")
        PUBLISHED = "published", _("veröffentlicht")

    year = models.PositiveSmallIntegerField(_("Berichtsjahr"), unique=True)
    period_start = models.DateField(_("Berichtszeitraum ab"))
    cutoff = models.DateField(_("Stichtag"))
    state = FSMField(_("Stand"), choices=State.choices, default=State.DRAFT, protected=True)
    content = models.JSONField(_("Inhalt"), default=dict, editable=False)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("PDF")
    )
    generated_at = models.DateTimeField(_("erstellt am"), null=True, blank=True)
    published_at = models.DateTimeField(_("veröffentlicht am"), null=True, blank=True)

    objects = CouncilReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("Jahresbericht an den Rat")
        verbose_name_plural = _("Jahresberichte an den Rat")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(condition=Q(cutoff__gte=F("period_start")), name="report_cutoff_after_start"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | Q(state="published", published_at__isnull=False, document__isnull=False),
                name="report_published_has_date_and_pdf",
            ),
        ]

    def __str__(self) -> str:
        return f"Umsetzung und Ausblick {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.year])

    @transition(state, State.DRAFT, State.PUBLISHED, permission="measures.publish_report")
    def publish(self, *, published_at: dt.datetime) -> None:
        self.published_at = published_at


class GroupStatementQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "GroupStatementQuerySet":
        """With the published report for everyone; before that for the group itself and the planning group."""
        if runs_the_process(user):
            return self
        return self.filter(Q(report__state=CouncilReport.State.PUBLISHED) | Q(body__in=body_ids(user)))


class GroupStatement(Recorded):
    """Stellungnahme: a working group's word on the report; printed as it was given."""

    class Position(models.TextChoices):
        AGREES = "agrees", _("stimmt zu")
        REMARKS = "remarks", _("stimmt mit Anmerkungen zu")
        DISSENTS = "dissents", _("widerspricht")

    report = models.ForeignKey(
        CouncilReport, on_delete=models.CASCADE, related_name="statements", verbose_name=_("Bericht")
    )
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="statements", verbose_name=_("Arbeitsgruppe"))
    position = models.CharField(_("Haltung"), max_length=8, choices=Position)
    text = models.TextField(_("Text"), blank=True)
    decided_on = models.DateField(_("beschlossen am"))
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("in der Sitzung"),
    )

    objects = GroupStatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stellungnahme")
        verbose_name_plural = _("Stellungnahmen")
        ordering = ["body__position", "body__name"]
        constraints = [
            models.UniqueConstraint(fields=["report", "body"], name="statement_once_a_group"),
            models.CheckConstraint(
                condition=Q(position="agrees") | ~Q(text=""), name="statement_other_than_yes_has_a_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body}: {self.get_position_display()}"
