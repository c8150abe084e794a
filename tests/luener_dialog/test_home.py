"""The first screen: what was decided, what became of it, what comes next."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from measures.models.measures import QUIET_AFTER
from tests.factories import (
    BodyFactory,
    ConferenceFactory,
    CouncilReportFactory,
    FieldOfActionFactory,
    GroupStatementFactory,
    MeasureFactory,
    MeetingFactory,
    ProcessFactory,
    ProgressUpdateFactory,
)

pytestmark = pytest.mark.django_db


def page(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def in_days(days: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def test_it_works_without_a_single_row(client: Client) -> None:
    html = page(client)
    assert "Noch ist keine Maßnahme eingetragen." in html
    assert "Zurzeit ist kein öffentlicher Termin angekündigt." in html
    assert "Noch ist kein Bericht veröffentlicht." in html


def test_it_counts_measures_by_standing_and_is_as_loud_about_silence(client: Client) -> None:
    today = timezone.localdate()
    MeasureFactory(state="done", progress=100, last_news_on=today)
    MeasureFactory(state="in_progress", last_news_on=today)
    MeasureFactory(state="in_progress", last_news_on=today - QUIET_AFTER - dt.timedelta(days=1))
    html = " ".join(page(client).split())
    assert "3 Maßnahmen und Projekte" in html
    for word in ("abgeschlossen", "in Umsetzung", "ohne Neuigkeit seit über einem Jahr"):
        assert '<span class="num">1</span><span><a href="/massnahmen/?stand=' in html
        assert f">{word}</a>" in html


def test_a_proposal_is_counted_for_the_planning_group_only(
    client: Client, client_of: Callable[[Any], Client], planner: Any
) -> None:
    MeasureFactory(state="proposed", title="Geheimer Vorschlag")
    assert "Noch ist keine Maßnahme eingetragen." in page(client)
    assert "1 Maßnahme oder Projekt" in page(client_of(planner))


def test_each_field_has_its_own_share(client: Client) -> None:
    field = FieldOfActionFactory(name="Bildung", slug="bildung")
    FieldOfActionFactory(name="Leeres Feld", slug="leer")
    MeasureFactory(field=field, state="done", progress=100)
    html = page(client)
    assert "1\xa0abgeschlossen" in html
    assert "0 Maßnahmen und Projekte" in html


def test_the_next_dates_come_in_order_and_what_is_not_public_stays_out(client: Client) -> None:
    body = BodyFactory(name="Wohnen")
    MeetingFactory(body=body, title="Zweite Sitzung", starts_at=in_days(20))
    MeetingFactory(body=body, title="Erste Sitzung", starts_at=in_days(2))
    MeetingFactory(body=body, title="Vertrauliche Sitzung", starts_at=in_days(3), non_public=True)
    MeetingFactory(body=body, title="Abgesagte Sitzung", starts_at=in_days(4), cancelled=True)
    MeetingFactory(body=body, title="Vergangene Sitzung", starts_at=in_days(-4))
    ConferenceFactory(title="Große Konferenz", date=timezone.localdate() + dt.timedelta(days=9))
    html = page(client)
    assert html.index("Erste Sitzung") < html.index("Große Konferenz") < html.index("Zweite Sitzung")
    for hidden in ("Vertrauliche", "Abgesagte", "Vergangene"):
        assert hidden not in html


def test_a_member_also_sees_the_meetings_of_the_group(
    client_of: Callable[[Any], Client], member: Any, working_group: Any
) -> None:
    MeetingFactory(body=working_group, title="Vertrauliche Sitzung", starts_at=in_days(3), non_public=True)
    assert "Vertrauliche Sitzung" in page(client_of(member))


def test_the_last_published_report_is_shown_with_what_the_groups_said(client: Client) -> None:
    report = CouncilReportFactory(year=2019, published=True)
    CouncilReportFactory(year=2018, published=True)
    CouncilReportFactory(year=2020)
    GroupStatementFactory(report=report, position="agrees")
    GroupStatementFactory(report=report, position="dissents", text="Es fehlt das Geld.")
    html = page(client)
    assert "Umsetzung und Ausblick 2019" in html
    assert "2 Arbeitsgruppen haben Stellung genommen. Eine widerspricht." in html
    assert "2020" not in html.split("So machen Sie mit")[0].split("Bericht an den Rat")[1]
    assert report.document.get_absolute_url() in html


def test_news_of_measures_are_shown_and_those_of_proposals_are_not(client: Client) -> None:
    ProgressUpdateFactory(measure=MeasureFactory(title="Spielplatz"), text="Die Rutsche steht.")
    ProgressUpdateFactory(measure=MeasureFactory(title="Geheim", state="proposed"), text="Noch nicht öffentlich.")
    html = page(client)
    assert "Die Rutsche steht." in html
    assert "Noch nicht öffentlich." not in html


def test_what_is_invented_is_marked(client: Client) -> None:
    MeetingFactory(starts_at=in_days(2), is_example=True)
    assert '<span class="example">Beispiel</span>' in page(client)


def test_thirty_rows_need_no_more_queries_than_one(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    process = ProcessFactory()

    def rows(number: int) -> None:
        for n in range(number):
            measure = MeasureFactory()
            ProgressUpdateFactory(measure=measure)
            MeetingFactory(starts_at=in_days(n + 1))
            year = ConferenceFactory._meta.model.objects.count() + timezone.localdate().year + 1
            ConferenceFactory(year=year, process=process)
        GroupStatementFactory(report=CouncilReportFactory(published=True))

    rows(1)
    page(client)
    with django_assert_max_num_queries(20) as few:
        page(client)
    number = len(few)
    rows(29)
    page(client)
    with django_assert_num_queries(number):
        page(client)


def test_it_names_the_day_until_which_the_groups_speak_and_nothing_of_the_draft(client: Client) -> None:
    until = timezone.localdate() + dt.timedelta(days=9)
    CouncilReportFactory(
        year=2031, consultation_until=until, state="consultation", content={"title": "Entwurf, geheim"}
    )
    CouncilReportFactory(
        year=2030, consultation_until=timezone.localdate() - dt.timedelta(days=1), state="consultation"
    )
    html = page(client)
    assert "Arbeitsgruppen nehmen Stellung zum Bericht 2031" in html
    assert f'datetime="{until:%Y-%m-%d}"' in html
    assert "Bericht 2030" not in html
    assert "geheim" not in html
    assert client.get("/berichte/2031/").status_code == 404
