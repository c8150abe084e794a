"""Reminders that news of a measure or a point of a resolution are due.

They go to the contacts, then to their institution too, then to the planning group too.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from dialog.models import MailPreference, Person
from dialog.services import mails
from measures.models import Measure, Reminder, ResolutionPoint

#: From which reminder on who is asked besides the contacts.
INSTITUTION, PLANNING_GROUP = 1, 2


@transaction.atomic
def send(now: dt.datetime) -> int:
    """Sends what is due on the day of `now`; returns how many mails. Sending again on the same day does nothing.

    What is due is asked for on the day, seven days later, then every thirty days. Whoever is to be reminded of several
    measures, or of several points, gets one mail with all of them. Where a step has no mail address, the next one is
    asked at once.
    """
    today = timezone.localdate(now)
    planners = list(Person.objects.planning_group().select_related("user"))
    measures = _letters("measure", _due(today), planners, now)
    for reader, rows in measures:
        _send("progress_due", reader, measures=rows, count=len(rows), today=today)
    points = _letters("point", _late(today), planners, now)
    for reader, rows in points:
        _send("point_due", reader, points=rows, count=len(rows), today=today)
    return len(measures) + len(points)


def _send(name: str, reader: Any, **context: Any) -> None:
    category = MailPreference.Category.TASKS if isinstance(reader, Person) else mails.ALWAYS
    mails.send(name, [reader], category=category, **context)


def _letters(kind: str, rows: Any, planners: list[Person], now: dt.datetime) -> list[tuple[Any, list[Any]]]:
    """Who is to be reminded of which of `rows` now, each address once whatever the roles; notes that it was done."""
    letters: dict[str, tuple[Any, list[Any]]] = {}
    for row in rows:
        due_on, office = (row.due_on, row.lead) if kind == "measure" else (row.expected_on, row.responsible)
        stage = Reminder.stage_on(due_on, timezone.localdate(now))
        if stage is None or row.reminders.filter(due_on=due_on, stage__gte=stage).exists():
            continue
        readers = _readers([list(row.contacts.all()), [office] if office else [], planners], stage)
        Reminder.objects.create(**{kind: row}, due_on=due_on, stage=stage, at=now, sent_to=len(readers))
        for address, reader in readers.items():
            letters.setdefault(address, (reader, []))[1].append(row)
    return list(letters.values())


def _due(today: dt.date) -> Any:
    rows = Measure.objects.news_due(today).filter(draft__submitted_at=None).select_related("lead")
    # Locked, so that two schedules at once do not both ask.
    return rows.select_for_update(of=("self",)).prefetch_related("contacts__user").order_by("last_news_on", "number")


def _late(today: dt.date) -> Any:
    # As for measures, on the day itself: late is what was due before tomorrow.
    rows = ResolutionPoint.objects.late_on(today + dt.timedelta(days=1)).select_related("resolution", "responsible")
    return rows.select_for_update(of=("self",)).prefetch_related("contacts__user").order_by("resolution", "position")


def _readers(steps: list[list[Any]], stage: int) -> dict[str, Any]:
    """By address those who are asked at this stage: contacts, then the office too, then the planning group too."""
    found: dict[str, Any] = {}
    for level, people in enumerate(steps):
        if level <= _level(stage) or not found:
            for reader in people:
                if reader.mail_address:
                    found.setdefault(reader.mail_address.lower(), reader)
    return found


def _level(stage: int) -> int:
    return 2 if stage >= PLANNING_GROUP else 1 if stage >= INSTITUTION else 0
