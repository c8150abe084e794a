from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberSeries(models.Model):
    """The last number given in a series and year, so that no number is ever given twice."""

    prefix = models.CharField(_("Reihe"), max_length=4)
    year = models.PositiveSmallIntegerField(_("Jahr"))
    last = models.PositiveIntegerField(_("zuletzt vergeben"), default=0)

    class Meta:
        verbose_name = _("Nummernkreis")
        verbose_name_plural = _("Nummernkreise")
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:03}"
