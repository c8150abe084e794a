"""What the stories of the example share: the rows, moments and numbers that an entry names."""

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from . import dates
from .files import Entry


def find_row(entry: Entry, name: str, model: type[models.Model]) -> Any:
    """The row that a field of the entry names by its key. RecordError if there is none."""
    return row_of(entry, name, entry.text(name), model)


def row_of(entry: Entry, name: str, key: str, model: type[models.Model]) -> Any:
    """The row with this key, which stands in the field `name`. RecordError if there is none."""
    row = model._default_manager.filter(record_key=key).first()
    if row is None:
        message = _("„%(key)s“ gibt es nicht unter „%(model)s“.")
        raise entry.error(message % {"key": key, "model": model._meta.verbose_name_plural}, name)
    return row


def moment(entry: Entry, name: str, now: dt.datetime) -> dt.datetime:
    """The moment that a field of the entry describes, as of `now`. RecordError as `dates.moment`."""
    return dates.moment(entry.part(name), now)


def optional_text(entry: Entry, name: str) -> str:
    return entry.text(name) if name in entry else ""


def is_yes(entry: Entry, name: str) -> bool:
    """Whether the field is there and says `ja`."""
    return name in entry and entry.yes(name)


def parts(entry: Entry, name: str) -> list[Entry]:
    """The entries inside a field; none if it is not there."""
    return entry.entries(name) if name in entry else []


def number(entry: Entry, name: str, default: int = 0) -> int:
    """The field as a whole number. RecordError if it is none."""
    if name not in entry:
        return default
    try:
        return int(entry.text(name))
    except ValueError:
        raise entry.error(_("Das ist keine ganze Zahl."), name) from None
