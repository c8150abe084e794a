"""Reminders that news of a measure are due: to its contacts, then its institution too, then the planning group too."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from dialog.models import MailPreference, Person
from dialog.services import mails
from measures.models import Measure, Reminder

#: From which reminder on who is asked besides the contacts.
INSTITUTION, PLANNING_GROUP = 1, 2


@transaction.atomic
def send(now: dt.datetime) -> int:
    """Sends what is due on the day of `now`; returns how many mails. Sending again on the same day does nothing.

    News that are due are asked for on the day, seven days later, then every thirty days. Whoever is to be reminded
    of several measures gets one mail with all of them. Where a step has no mail address, the next one is asked at once.
    """
    today = timezone.localdate(now)
    planners = list(Person.objects.planning_group().select_related("user"))
    #: By address, so that nobody gets two mails whatever their roles: who, and the measures.
    letters: dict[str, tuple[Any, list[Measure]]] = {}
    for measure in _due(today):
        stage = Reminder.stage_on(measure.due_on, today)
        if stage is None or measure.reminders.filter(due_on=measure.due_on, stage__gte=stage).exists():
            continue
        readers = _readers(measure, stage, planners)
        Reminder.objects.create(measure=measure, due_on=measure.due_on, stage=stage, at=now, sent_to=len(readers))
        for address, reader in readers.items():
            letters.setdefault(address, (reader, []))[1].append(measure)
    for reader, measures in letters.values():
        category = MailPreference.Category.TASKS if isinstance(reader, Person) else ""
        mails.send("progress_due", [reader], category=category, measures=measures, count=len(measures), today=today)
    return len(letters)


def _due(today: dt.date) -> Any:
    rows = Measure.objects.news_due(today).filter(draft__submitted_at=None).select_related("lead")
    # Locked, so that two schedules at once do not both ask.
    return rows.select_for_update(of=("self",)).prefetch_related("contacts__user").order_by("last_news_on", "number")


def _readers(measure: Measure, stage: int, planners: list[Person]) -> dict[str, Any]:
    steps: list[list[Any]] = [list(measure.contacts.all()), [measure.lead], planners]
    found: dict[str, Any] = {}
    for level, people in enumerate(steps):
        if level <= _level(stage) or not found:
            for reader in people:
                if reader.mail_address:
                    found.setdefault(reader.mail_address.lower(), reader)
    return found


def _level(stage: int) -> int:
    return 2 if stage >= PLANNING_GROUP else 1 if stage >= INSTITUTION else 0
