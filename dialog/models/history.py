"""What rows said on a day, by the field history that `django-simple-history` keeps."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone


def as_of(model: type[models.Model], day: dt.date, *fields: str) -> dict[int, dict[str, Any]]:
    """`fields` of each row of `model` at the end of `day`, by primary key, in one query."""
    midnight = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))
    newest_first = Window(RowNumber(), partition_by=F("id"), order_by=[F("history_date").desc(), F("pk").desc()])
    rows = model.history.filter(history_date__lt=midnight).annotate(rank=newest_first)  # type: ignore[attr-defined]
    # What was deleted is left out here: a second condition would be asked before the newest entry is found.
    return {
        key: dict(zip(fields, told, strict=True))
        for key, kind, *told in rows.filter(rank=1).values_list("id", "history_type", *fields)
        if kind != "-"
    }
