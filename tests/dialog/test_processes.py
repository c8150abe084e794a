"""The processes as a story: two streams, then one river."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from dialog.models import DatePrecision, Milestone, Process
from tests.factories import (
    ConferenceFactory,
    MilestoneFactory,
    PhaseFactory,
    PrincipleFactory,
    ProcessFactory,
    StrandFactory,
)

Read = Callable[[str, str], str]


@pytest.fixture
def river(db: None) -> Process:
    """The united process, with one tributary of infrastructure and two of integration."""
    infrastructure = StrandFactory(code="infrastructure", name="Infrastruktur", position=1)
    integration = StrandFactory(code="integration", name="Integration", position=2)
    united = ProcessFactory(name="Vereint", slug="vereint", strands=[infrastructure, integration])
    second = ProcessFactory(
        name="Integration zwei",
        slug="integration-zwei",
        starts_on=dt.date(2008, 5, 1),
        successor=united,
        strands=[integration],
    )
    ProcessFactory(
        name="Integration eins",
        slug="integration-eins",
        starts_on=dt.date(2007, 9, 1),
        successor=second,
        strands=[integration],
    )
    ProcessFactory(
        name="Zukunft",
        slug="zukunft",
        starts_on=dt.date(2006, 11, 1),
        successor=united,
        strands=[infrastructure],
    )
    return united


def in_order(page: str, *words: str) -> bool:
    places = [page.index(word) for word in words]
    return places == sorted(places)


def test_streams_stand_by_strand_and_flow_into_the_united_process(read: Read, river: Process) -> None:
    page = read("anonymous", "/prozess/")
    assert in_order(
        page,
        "Strang Infrastruktur",
        'id="zukunft"',
        "Strang Integration",
        'id="integration-eins"',
        'id="integration-zwei"',
        'class="confluence"',
        'id="vereint"',
    )
    assert page.count('<a href="/prozess/#vereint">Vereint</a>') == 2
    assert '<a href="/prozess/#integration-zwei">Integration zwei</a>' in page


def test_every_process_stands_once_where_its_address_points(read: Read, river: Process) -> None:
    page = read("anonymous", "/prozess/")
    for process in Process.objects.all():
        assert page.count(f'id="{process.slug}"') == 1
        assert process.get_absolute_url() == f"/prozess/#{process.slug}"


def test_phases_and_milestones_are_told_in_the_order_of_time(read: Read, river: Process) -> None:
    PhaseFactory(process=river, name="Später Abschnitt", starts_on=dt.date(2010, 1, 1), ends_on=None)
    MilestoneFactory(process=river, name="Mittendrin", date=dt.date(2009, 6, 1))
    PhaseFactory(process=river, name="Früher Abschnitt", starts_on=dt.date(2009, 1, 1), text="Planen\n\nReden")
    page = read("anonymous", "/prozess/")
    assert in_order(page, "Früher Abschnitt", "Mittendrin", "Später Abschnitt")
    assert "<li>Planen</li><li>Reden</li>" in page


def test_no_date_is_written_more_exactly_than_it_is_known(read: Read, river: Process) -> None:
    MilestoneFactory(process=river, name="A", date=dt.date(2007, 12, 31), date_precision=DatePrecision.YEAR)
    MilestoneFactory(process=river, name="B", date=dt.date(2008, 9, 1), date_precision=DatePrecision.MONTH)
    MilestoneFactory(process=river, name="C", kind=Milestone.Kind.RESOLUTION, date=dt.date(2008, 10, 30))
    page = read("anonymous", "/prozess/")
    assert ">2007 · Meilenstein<" in page
    assert ">September 2008 · Meilenstein<" in page
    assert ">30. Oktober 2008 · Ratsbeschluss<" in page
    assert "31. Dezember 2007" not in page


def test_aims_funding_and_principles_are_told(read: Read, river: Process) -> None:
    Process.objects.filter(pk=river.pk).update(aims="Erstes Ziel\nZweites Ziel", funding="Land NRW")
    PrincipleFactory(process=river, title="Respekt", text="Wir hören zu.")
    page = read("anonymous", "/prozess/")
    assert "<li>Erstes Ziel</li><li>Zweites Ziel</li>" in page
    assert "Land NRW" in page
    assert in_order(page, "Grundsätze des Dialogs", "Respekt", "Wir hören zu.")


def test_the_conferences_are_listed_in_order_of_time(read: Read, river: Process) -> None:
    ConferenceFactory(title="Die spätere", date=dt.date(2010, 1, 26))
    ConferenceFactory(title="Die frühere", date=dt.date(2009, 1, 27))
    assert in_order(read("anonymous", "/prozess/"), "Die Konferenzen", "Die frühere", "Die spätere")


def test_a_process_that_nothing_flowed_into_needs_no_streams(read: Read) -> None:
    ProcessFactory(name="Allein", slug="allein")
    page = read("anonymous", "/prozess/")
    assert 'id="allein"' in page
    assert "confluence" not in page


def test_a_tributary_without_a_strand_is_not_lost(read: Read) -> None:
    ProcessFactory(name="Ohne Strang", slug="ohne-strang", successor=ProcessFactory())
    assert read("anonymous", "/prozess/").count('id="ohne-strang"') == 1


@pytest.mark.django_db
def test_the_page_stands_without_any_process(client: Client) -> None:
    response = client.get("/prozess/")
    assert "Noch ist kein Prozess verzeichnet." in response.content.decode()
    assert not response.cookies


def test_the_page_takes_as_many_queries_for_30_rows_as_for_one(queries: Callable[..., int], river: Process) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            tributary = ProcessFactory(successor=river, strands=[StrandFactory()])
            for process in (river, tributary):
                PhaseFactory(process=process)
                MilestoneFactory(process=process)
                PrincipleFactory(process=process)
            ConferenceFactory(process=river)

    add(1)
    few = queries("/prozess/")
    add(29)
    assert queries("/prozess/") == few
