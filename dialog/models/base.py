"""What several models share: where an entry comes from, how it is found, and its public number."""

import datetime as dt
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from dialog.search import search


class DatePrecision(models.TextChoices):
    """How exactly a date is known; the record often names only the month."""

    DAY = "day", _("Tag")
    MONTH = "month", _("Monat")
    YEAR = "year", _("Jahr")


#: Days outside these years are typing mistakes ("0209" for "2009"), not dates of the dialogue.
EARLIEST_YEAR, LATEST_YEAR = 1945, 2100


def plausible_day(day: dt.date) -> None:
    """Validator: a day that can be meant. ValidationError for a year before `EARLIEST_YEAR` or after `LATEST_YEAR`."""
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValidationError(
            _("Das Jahr %(year)s kann nicht stimmen; bitte prüfen Sie das Datum."), params={"year": f"{day.year:04}"}
        )


class Recorded(models.Model):
    """An entry that may come from the city's record or from the invented example data."""

    record_key = models.CharField(
        _("Schlüssel in den Quelldaten"), max_length=80, unique=True, null=True, blank=True, editable=False
    )
    source = models.CharField(_("Quelle"), max_length=200, blank=True)
    is_example = models.BooleanField(_("Beispiel"), default=False, editable=False)

    class Meta:
        abstract = True


class SearchableQuerySet(models.QuerySet):
    def search(self, query: str) -> Self:
        """Rows that contain all words of `query`; the empty query finds everything."""
        return search(self, query)


class Searchable(models.Model):
    """A row that full-text search finds; `search_fields` names the columns whose words count."""

    search_fields: tuple[str, ...] = ()

    search_text = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        words = (str(getattr(self, name) or "") for name in self.search_fields)
        self.search_text = " ".join(" ".join(words).casefold().split())
        if (update_fields := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*update_fields, "search_text"}
        super().save(*args, **kwargs)


class Numbered(models.Model):
    """A row with a public number (`M-2009-012`), which is given once and never changes."""

    number = models.CharField(_("Nummer"), max_length=20, unique=True, editable=False)

    _number_given: str | None = None

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._number_given is not None and self.number != self._number_given:
            raise ValidationError({"number": _("Eine einmal vergebene Nummer bleibt.")})
        super().save(*args, **kwargs)
        self._number_given = self.number

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        row = super().from_db(*args, **kwargs)
        row._number_given = row.__dict__.get("number")
        return row
