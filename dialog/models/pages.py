"""What the operator of the portal says about it, and what readers report as a barrier."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from .people import Person, runs_the_process


class SitePage(models.Model):
    """The operator's own text of a page that every public site needs. Without a row the portal's text stands there."""

    class Kind(models.TextChoices):
        IMPRINT = "impressum", _("Impressum")
        PRIVACY = "datenschutz", _("Datenschutz")
        ACCESSIBILITY = "barrierefreiheit", _("Erklärung zur Barrierefreiheit")
        EASY_LANGUAGE = "leichte-sprache", _("Leichte Sprache")
        HELP = "hilfe", _("Hilfe")
        CONTACT = "kontakt", _("Kontakt")

        @property
        def address(self) -> str:
            return reverse(self.name.lower())

    kind = models.CharField(_("Seite"), max_length=20, choices=Kind.choices, unique=True)
    text = models.TextField(_("Text"), max_length=60_000)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("Seite")
        verbose_name_plural = _("Seiten")
        ordering = ["kind"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="site_page_has_a_text")]

    def __str__(self) -> str:
        return self.get_kind_display()


class BarrierReportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "BarrierReportQuerySet":
        """Only for those who run the process: a report may carry an address."""
        return self if runs_the_process(user) else self.none()

    def unanswered(self) -> "BarrierReportQuerySet":
        """The oldest first."""
        return self.filter(done_at=None).order_by("reported_at")


class BarrierReport(models.Model):
    """Gemeldete Barriere: where somebody could not go on, as public sites must take it (§ 10b BGG NRW)."""

    address = models.CharField(_("Adresse der Seite"), max_length=500, blank=True)
    text = models.TextField(_("Woran hakt es?"), max_length=4000)
    email = models.EmailField(_("E-Mail-Adresse"), blank=True)
    reported_at = models.DateTimeField(_("gemeldet am"))
    done_at = models.DateTimeField(_("erledigt am"), null=True, blank=True)
    done_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("erledigt von")
    )
    answer = models.TextField(_("Was getan wurde"), max_length=4000, blank=True)

    objects = BarrierReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("gemeldete Barriere")
        verbose_name_plural = _("gemeldete Barrieren")
        ordering = ["-reported_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | ~Q(answer=""), name="barrier_report_done_has_an_answer"
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
