"""The yearly report to the council (point 5 of the resolution of 30 October 2008)."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, ConcurrentTransitionMixin, FSMField, transition
from simple_history.models import HistoricalRecords

from dialog.models import Body, Document, Meeting, Person, Recorded
from dialog.models.people import body_ids, runs_the_process

#: Bodies whose members read the draft once it has been put up for consultation.
CONSULTED_KINDS = (Body.Kind.WORKING_GROUP, Body.Kind.STEERING_GROUP)


def reads_drafts(user: Any) -> bool:
    """Member of a body that the administration agrees the report with."""
    return user.is_authenticated and any(row.body.kind in CONSULTED_KINDS for row in user.open_memberships)


class CouncilReportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "CouncilReportQuerySet":
        """Everyone reads what the council was given; from the consultation on, the groups too; before, the makers."""
        if runs_the_process(user):
            return self
        return self.exclude(state__in=CouncilReport.MAKERS_ONLY) if reads_drafts(user) else self.published()

    def consulted(self, today: dt.date) -> "CouncilReportQuerySet":
        """Those on which the groups speak now: until when is everyone's to know, what the draft says is not."""
        rows = self.filter(state=CouncilReport.State.CONSULTATION, consultation_until__gte=today)
        return rows.only("year", "consultation_until", "is_example")

    def published(self) -> "CouncilReportQuerySet":
        """Handed to the council, and so to everyone."""
        return self.filter(state__in=CouncilReport.PUBLISHED)

    def telling_of(self, name: str) -> "CouncilReportQuerySet":
        """Those whose content has this public number or address; the content itself is not read."""
        return self.filter(content__icontains=f'"{name}"').defer("content").order_by("year")


class CouncilReport(ConcurrentTransitionMixin, Recorded):
    """Jahresbericht an den Rat: state of implementation and outlook of one year, and its way through the year.

    `content` is what the report says now: until it is frozen the draft, from then on its newest edition. It is
    complete in itself; page and PDF (`document`) are made of it and of nothing else.
    """

    class State(models.TextChoices):
        OPENED = "opened", _("eröffnet")
        COLLECTING = "collecting", _("Sachstände werden gesammelt")
        CONSULTATION = "consultation", _("Abstimmung mit den Arbeitsgruppen")
        FROZEN = "frozen", _("festgestellt")
        APPROVED = "approved", _("freigegeben")
        HANDED_OVER = "handed_over", _("dem Rat vorgelegt")
        NOTED = "noted", _("vom Rat behandelt")

    class Outcome(models.TextChoices):
        TAKEN_NOTE = "taken_note", _("zur Kenntnis genommen")
        AGREED = "agreed", _("zugestimmt")
        REFERRED = "referred", _("in die Ausschüsse verwiesen")
        REJECTED = "rejected", _("abgelehnt")

    #: The texts may still change.
    DRAFT = (State.OPENED, State.COLLECTING, State.CONSULTATION)
    MAKERS_ONLY = (State.OPENED, State.COLLECTING)
    PUBLISHED = (State.HANDED_OVER, State.NOTED)
    #: From each of these the way leads one step back, to the state before it.
    RETURNABLE = (State.COLLECTING, State.CONSULTATION, State.FROZEN, State.APPROVED)

    year = models.PositiveSmallIntegerField(_("Berichtsjahr"), unique=True)
    period_start = models.DateField(_("Berichtszeitraum ab"))
    cutoff = models.DateField(_("Stichtag"))
    cutoff_planned = models.DateField(
        _("Stichtag laut Plan"), null=True, blank=True, help_text=_("Leer: der Stichtag, der für alle Jahre gilt.")
    )
    updates_until = models.DateField(_("Sachstände erbeten bis"), null=True, blank=True)
    consultation_until = models.DateField(_("Stellungnahmen bis"), null=True, blank=True)
    council_on = models.DateField(_("Sitzung des Rates"), null=True, blank=True)
    paper_number = models.CharField(_("Nummer der Vorlage"), max_length=40, blank=True)
    noted_on = models.DateField(_("vom Rat behandelt am"), null=True, blank=True)
    outcome = models.CharField(_("Ergebnis"), max_length=10, choices=Outcome, blank=True)
    vote = models.CharField(
        _("Abstimmung"), max_length=200, blank=True, help_text=_("zum Beispiel „einstimmig“ oder „38 Ja, 4 Nein“")
    )
    state = FSMField(_("Stand"), choices=State.choices, default=State.OPENED, protected=True)
    content = models.JSONField(_("Inhalt"), default=dict, editable=False)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("PDF")
    )
    generated_at = models.DateTimeField(_("erstellt am"), null=True, blank=True)
    published_at = models.DateTimeField(_("dem Rat vorgelegt am"), null=True, blank=True)

    objects = CouncilReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("Jahresbericht an den Rat")
        verbose_name_plural = _("Jahresberichte an den Rat")
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(condition=Q(cutoff__gte=F("period_start")), name="report_cutoff_after_start"),
            models.CheckConstraint(
                condition=Q(state__in=["handed_over", "noted"], published_at__isnull=False, document__isnull=False)
                | (~Q(state__in=["handed_over", "noted"]) & Q(published_at=None)),
                name="report_published_has_date_and_pdf",
            ),
            models.CheckConstraint(
                condition=~Q(state="noted") | (Q(noted_on__isnull=False) & ~Q(outcome="")),
                name="report_noted_has_date_and_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state="consultation") | Q(consultation_until__isnull=False),
                name="report_consultation_has_a_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"Umsetzung und Ausblick {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.year])

    @property
    def is_draft(self) -> bool:
        """Its texts and rows may still change."""
        return self.state in self.DRAFT

    @property
    def is_published(self) -> bool:
        """Everyone reads it."""
        return self.state in self.PUBLISHED

    @property
    def state_before(self) -> str:
        """Where the way back leads."""
        states = list(self.State)
        return states[max(states.index(self.State(self.state)) - 1, 0)]

    def takes_statements_on(self, today: dt.date) -> bool:
        """The groups may speak: in consultation, the last day included."""
        return (
            self.state == self.State.CONSULTATION
            and self.consultation_until is not None
            and today <= self.consultation_until
        )

    @transition(state, State.OPENED, State.COLLECTING, permission="measures.make_report")
    def gather(self, *, updates_until: dt.date) -> None:
        self.updates_until = updates_until

    @transition(state, State.COLLECTING, State.CONSULTATION, permission="measures.make_report")
    def consult(self, *, consultation_until: dt.date) -> None:
        self.consultation_until = consultation_until

    @transition(state, State.CONSULTATION, State.FROZEN, permission="measures.make_report")
    def freeze(self) -> None: ...

    @transition(state, State.FROZEN, State.APPROVED, permission="measures.approve_report")
    def approve(self) -> None: ...

    @transition(state, State.APPROVED, State.HANDED_OVER, permission="measures.publish_report")
    def hand_over(self, *, published_at: dt.datetime, paper_number: str, council_on: dt.date | None) -> None:
        self.published_at = published_at
        self.paper_number = paper_number
        self.council_on = council_on

    @transition(state, State.HANDED_OVER, State.NOTED, permission="measures.publish_report")
    def note(self, *, noted_on: dt.date, outcome: str, vote: str) -> None:
        self.noted_on, self.outcome, self.vote = noted_on, outcome, vote

    @transition(
        state,
        list(RETURNABLE),
        GET_STATE(
            lambda report: report.state_before,
            states=[State.OPENED, State.COLLECTING, State.CONSULTATION, State.FROZEN],
        ),
        permission="measures.make_report",
    )
    def go_back(self) -> None: ...


class ReportEditionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ReportEditionQuerySet":
        """Everyone reads what was handed to the council; the planning group and the groups consulted, all."""
        if runs_the_process(user) or reads_drafts(user):
            return self.filter(report__in=CouncilReport.objects.visible_to(user))
        return self.published()

    def published(self) -> "ReportEditionQuerySet":
        return self.exclude(published_at=None)


class ReportEdition(models.Model):
    """Ausgabe: a report as it was frozen. Nothing in it changes any more; a correction is the next number."""

    report = models.ForeignKey(
        CouncilReport, on_delete=models.PROTECT, related_name="editions", verbose_name=_("Bericht")
    )
    number = models.PositiveSmallIntegerField(_("Ausgabe"))
    schema = models.PositiveSmallIntegerField(_("Fassung des Datenformats"))
    snapshot = models.JSONField(_("Inhalt"), editable=False)
    sha256 = models.CharField(_("Prüfsumme des Inhalts (SHA-256)"), max_length=64)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", verbose_name=_("PDF"))
    reason = models.TextField(_("Was berichtigt wurde"), blank=True)
    frozen_at = models.DateTimeField(_("festgestellt am"))
    published_at = models.DateTimeField(_("veröffentlicht am"), null=True, blank=True)

    objects = ReportEditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Ausgabe eines Berichts")
        verbose_name_plural = _("Ausgaben der Berichte")
        ordering = ["report", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="report_edition_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="report_edition_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.report}, Ausgabe {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("report_edition", args=[self.report.year, self.number])


class ReportPartQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ReportPartQuerySet":
        """Whoever reads the edition reads its parts."""
        return self.filter(edition__in=ReportEdition.objects.visible_to(user))


class ReportPart(models.Model):
    """Auszug: a part of an edition as a PDF of its own, made of the same snapshot."""

    class Kind(models.TextChoices):
        SHORT = "short", _("Kurzfassung")
        FIELD = "field", _("Handlungsfeld")
        GROUP = "group", _("Arbeitsgruppe")

    edition = models.ForeignKey(
        ReportEdition, on_delete=models.CASCADE, related_name="parts", verbose_name=_("Ausgabe")
    )
    kind = models.CharField(_("Art"), max_length=5, choices=Kind)
    slug = models.SlugField(_("Adresse"), max_length=100)
    title = models.CharField(_("Titel"), max_length=160)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+", verbose_name=_("PDF"))

    objects = ReportPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("Auszug eines Berichts")
        verbose_name_plural = _("Auszüge der Berichte")
        ordering = ["edition", "pk"]
        constraints = [models.UniqueConstraint(fields=["edition", "slug"], name="report_part_once_an_edition")]

    def __str__(self) -> str:
        return f"{self.edition}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("report_part", args=[self.edition.report.year, self.edition.number, self.slug])


class ReportTextQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ReportTextQuerySet":
        """Workpieces of the planning group; everyone else reads them in the report."""
        return self if runs_the_process(user) else self.none()


class ReportText(models.Model):
    """A text of the report that only people can write. `version` counts savings, so that none is overwritten unseen."""

    class Kind(models.TextChoices):
        FOREWORD = "foreword", _("Vorwort")
        ASSESSMENT = "assessment", _("Einschätzung")
        OUTLOOK = "outlook", _("Ausblick")

    report = models.ForeignKey(CouncilReport, on_delete=models.CASCADE, related_name="texts", verbose_name=_("Bericht"))
    kind = models.CharField(_("Art"), max_length=10, choices=Kind)
    text = models.TextField(_("Text"), blank=True, max_length=20_000)
    version = models.PositiveIntegerField(_("Fassung"), default=0)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    saved_at = models.DateTimeField(_("gespeichert am"), null=True, blank=True)

    objects = ReportTextQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("Text des Berichts")
        verbose_name_plural = _("Texte der Berichte")
        ordering = ["report", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "kind"], name="report_text_once_a_kind")]

    def __str__(self) -> str:
        return f"{self.report}: {self.get_kind_display()}"


class ReportMailQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ReportMailQuerySet":
        """Who got which mail is the planning group's."""
        return self if runs_the_process(user) else self.none()


class ReportMail(models.Model):
    """That a person has been written to for one thing; there is no second mail for it."""

    report = models.ForeignKey(CouncilReport, on_delete=models.CASCADE, related_name="mails", verbose_name=_("Bericht"))
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="report_mails", verbose_name=_("Person"))
    subject = models.CharField(_("Anlass"), max_length=80)
    at = models.DateTimeField(_("am"))

    objects = ReportMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("Nachricht zum Bericht")
        verbose_name_plural = _("Nachrichten zu Berichten")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["report", "person", "subject"], name="report_mail_once_a_thing")]

    def __str__(self) -> str:
        return f"{self.report}, {self.person}: {self.subject}"


class GroupStatementQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "GroupStatementQuerySet":
        """With the published report for everyone; before that for the group itself and the planning group."""
        if runs_the_process(user):
            return self
        return self.filter(Q(report__state__in=CouncilReport.PUBLISHED) | Q(body__in=body_ids(user)))


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
    tasks = models.TextField(
        _("Aufgaben für das nächste Jahr"), blank=True, help_text=_("Stehen im Bericht im Abschnitt „Ausblick“.")
    )
    decided_on = models.DateField(_("beschlossen am"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("abgegeben durch"),
    )
    given_at = models.DateTimeField(_("abgegeben am"), null=True, blank=True)
    meeting = models.ForeignKey(
        Meeting,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("in der Sitzung"),
    )

    objects = GroupStatementQuerySet.as_manager()
    history = HistoricalRecords()

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
