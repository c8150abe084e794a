"""The lead's way: from the reminder in the mailbox to news that everyone reads."""

import datetime as dt
import re

from django.utils import timezone
from post_office.models import Email

from measures.models import Measure
from measures.services import reminders


def test_from_the_reminder_to_published_news(client, client_of, planner, lead_contact, measure):
    Measure.objects.filter(pk=measure.pk).update(
        last_news_on=timezone.localdate() - dt.timedelta(days=measure.interval)
    )
    assert reminders.send(timezone.now()) == 1
    mail = Email.objects.get()
    assert (mail.to, measure.title in mail.subject) == (["kim@example.org"], True)

    address = re.search(r"https?://[^/\s]+(/arbeitsbereich/massnahmen/\S+/)", mail.message).group(1)
    to_sign_in = client.get(address)
    assert to_sign_in.status_code == 302
    assert address in to_sign_in["Location"]

    browser = client_of(lead_contact)
    page = browser.get(address).content.decode()
    assert "fällig seit" in page
    seen = re.search(r'name="seen" value="(\d+)"', page).group(1)
    typed = {
        "status": "in_progress",
        "progress": "60",
        "on": timezone.localdate().isoformat(),
        "text": "Der Anbau steht, die Fenster sind drin.",
        "outlook": "Im Frühjahr folgt der Garten.",
        "seen": seen,
        "version": "0",
    }
    browser.post(address, {**typed, "text": "Der Anbau", "save": ""})
    assert "Der Anbau" in browser.get(address).content.decode()

    published = browser.post(address, {**typed, "version": "1"})
    assert published["Location"] == measure.get_absolute_url()
    read = client.get(measure.get_absolute_url()).content.decode()
    assert "Der Anbau steht, die Fenster sind drin." in read
    assert "Im Frühjahr folgt der Garten." in read
    assert reminders.send(timezone.now() + dt.timedelta(days=8)) == 0
