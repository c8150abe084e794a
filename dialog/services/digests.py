"""The collected mails of those who do not want each one at once."""

import datetime as dt
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from dialog.models import DigestEntry, MailPreference, Person

from . import mails

Rhythm = MailPreference.Rhythm
#: Weekly digests go out on Mondays.
WEEKDAY = 0


def send(now: dt.datetime) -> int:
    """Sends what waits for a daily digest and, on Mondays, for a weekly one; returns how many went out.

    Grouped by category, newest first; whoever has nothing waiting gets no mail. Once sent, an entry is gone, so
    sending again does nothing.
    """
    due = {Rhythm.DAILY, Rhythm.AT_ONCE}
    if timezone.localtime(now).weekday() == WEEKDAY:
        due.add(Rhythm.WEEKLY)
    people = Person.objects.filter(digest_entries__at__lte=now).distinct().select_related("user")
    return sum(_send_to(person, due, now) for person in people.prefetch_related("mail_preferences"))


@transaction.atomic
def _send_to(person: Person, due: set[Rhythm], now: dt.datetime) -> int:
    chosen = {wish.category: wish.rhythm for wish in person.mail_preferences.all()}
    waiting = DigestEntry.objects.select_for_update().filter(person=person, at__lte=now)
    entries = [entry for entry in waiting if chosen.get(entry.category, Rhythm.AT_ONCE) in due]
    if not entries or not person.mail_address:
        return 0
    order = list(MailPreference.Category.values)
    entries.sort(key=lambda entry: entry.at, reverse=True)
    entries.sort(key=lambda entry: order.index(entry.category))
    groups = [
        (rows[0].get_category_display(), rows)
        for rows in (list(rows) for _category, rows in groupby(entries, key=lambda entry: entry.category))
    ]
    subject, text = mails.compose("digest", person, groups=groups, count=len(entries))
    mails.post(person, subject, text, categories=[rows[0].category for _label, rows in groups])
    DigestEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return 1
