"""Following a measure: its news and its steps by mail, to whoever may read them."""

import datetime as dt

import pytest
from post_office.models import Email

from dialog.services import followings
from measures.services import measures, progress
from tests.factories import MeasureFactory, berlin

pytestmark = pytest.mark.django_db
NOW = berlin(2026, 11, 23)


def test_news_come_with_text_and_outlook_and_the_way_out(citizen, planner, measure):
    followings.follow(measure, by=citizen, at=NOW)
    progress.publish(
        measure,
        by=planner,
        on=dt.date(2026, 11, 20),
        at=NOW,
        text="Das Dach ist gedeckt.",
        status="in_progress",
        progress=65,
        outlook="Im Frühjahr folgt der Innenausbau.",
    )
    mail = Email.objects.get(to=citizen.email)
    assert mail.subject == f"Neues zu „{measure.title}“"
    for words in (
        "einen Sachstand vom 20. November 2026",
        "in Umsetzung, 65 %",
        "Das Dach ist gedeckt.",
        "Ausblick:\nIm Frühjahr folgt der Innenausbau.",
        measure.get_absolute_url(),
    ):
        assert words in mail.message
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_news_that_are_added_for_an_earlier_day_are_not_mailed(citizen, planner, measure):
    followings.follow(measure, by=citizen, at=NOW)
    day = measure.last_news_on - dt.timedelta(days=1)
    progress.publish(measure, by=planner, on=day, at=NOW, text="Nachgetragen.", status="in_progress", progress=10)
    assert not Email.objects.exists()


def test_who_follows_reads_why_a_measure_stopped(citizen, planner, measure):
    followings.follow(measure, by=citizen, at=NOW)
    measures.stop(measure, by=planner, at=NOW, reason="Das Grundstück wurde verkauft.")
    mail = Email.objects.get(to=citizen.email)
    assert mail.subject == f"„{measure.title}“: eingestellt"
    assert "Begründung:\nDas Grundstück wurde verkauft." in mail.message


def test_who_follows_is_led_to_where_a_measure_went(citizen, planner, measure):
    other = MeasureFactory(title="Das größere Vorhaben")
    followings.follow(measure, by=citizen, at=NOW)
    measures.merge(measure, into=other, by=planner, at=NOW)
    mail = Email.objects.get(to=citizen.email)
    assert "Weiter geht es mit „Das größere Vorhaben“:" in mail.message
    assert other.get_absolute_url() in mail.message


def test_whoever_writes_the_news_gets_no_mail_of_them(planner, measure):
    followings.follow(measure, by=planner, at=NOW)
    measures.stop(measure, by=planner, at=NOW, reason="Zu teuer.")
    assert not Email.objects.exists()
