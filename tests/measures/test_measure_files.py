"""The list of measures as a file: the same rows for the same choice, harmless, and nothing that is not public."""

import csv
import io
import json
import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from measures.models import Measure
from tests.factories import DistrictFactory, MeasureFactory, RecommendationFactory

pytestmark = pytest.mark.django_db
LIST = "/massnahmen/liste."


def content(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def table(client: Any, query: str = "", suffix: str = "csv") -> list[dict[str, str]]:
    raw = content(client.get(f"{LIST}{suffix}{query}"))
    if suffix == "csv":
        assert raw.startswith("\ufeff".encode())
        return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))
    rows = load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows(values_only=True)
    head = next(rows)
    return [dict(zip(head, (cell or "" for cell in row), strict=True)) for row in rows]


def data(client: Any, query: str = "") -> list[dict[str, Any]]:
    return json.loads(content(client.get(f"{LIST}json{query}")))["measures"]


@pytest.fixture
def two() -> tuple[Measure, Measure]:
    first = MeasureFactory(
        title="Ein Spielplatz",
        number="M-2009-001",
        budget="1200.50",
        spent="10",
        districts=[DistrictFactory(name="Gahmen")],
    )
    return first, MeasureFactory(title="Ein Chor", number="M-2010-001", state="decided", progress=0)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_table_has_what_the_list_shows_in_its_order(client, two, suffix):
    rows = table(client, "?sortierung=titel", suffix)
    assert [row["Titel"] for row in rows] == ["Ein Chor", "Ein Spielplatz"]
    assert [row["Nummer"] for row in table(client, "?jahr=2010", suffix)] == ["M-2010-001"]
    assert [row["Nummer"] for row in table(client, "?q=spielplatz", suffix)] == ["M-2009-001"]
    assert table(client, "?jahr=2009", suffix)[0]["Ortsteile"] == "Gahmen"
    assert table(client, "?jahr=2009&stand=done", suffix) == []


def test_json_has_values_for_machines(client, two):
    (row,) = data(client, "?jahr=2009")
    first = two[0]
    assert row["number"] == "M-2009-001"
    assert row["state"] == "in_progress"
    assert row["districts"] == ["Gahmen"]
    assert row["field"] == first.field.name
    assert row["lead"] == first.lead.name
    assert row["last_news_on"] == first.last_news_on.isoformat()
    assert row["url"].endswith(first.get_absolute_url())
    assert row["url"].startswith("http")


def test_money_is_told_only_if_it_is_public(client, client_of, planner, two):
    assert data(client, "?jahr=2009")[0]["budget"] is None
    assert data(client_of(planner), "?jahr=2009")[0]["spent"] is None
    assert table(client, "?jahr=2009")[0]["Geplante Kosten in Euro"] == ""
    two[0].money_public = True
    two[0].save()
    assert data(client, "?jahr=2009")[0]["budget"] == 1200.5
    assert table(client, "?jahr=2009")[0]["Geplante Kosten in Euro"] == "1200,50"


def test_nothing_is_in_a_file_that_is_not_on_the_page(client, client_of, planner, two):
    hidden = MeasureFactory(title="Geheimer Plan", number="M-2011-001", state="proposed", progress=0)
    two[0].recommended_by.add(RecommendationFactory(number="E-2009-001", state="drafted"))
    two[0].recommended_by.add(RecommendationFactory(number="E-2009-002", state="adopted"))
    two[1].merge(into=hidden)
    two[1].save()
    for suffix in ("csv", "json"):
        text = content(client.get(f"{LIST}{suffix}")).decode()
        assert "Geheimer Plan" not in text
        assert "M-2011-001" not in text
        assert "E-2009-001" not in text
        assert "E-2009-002" in text
    assert "Geheimer Plan" in content(client_of(planner).get(f"{LIST}csv")).decode()


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+49", "-1", "@SUM", '"; drop', "Zeile\nZeile", "مرحبا", "<b>"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_no_cell_is_a_formula_and_none_breaks_the_table(client, suffix, title):
    MeasureFactory(title=title)
    (row,) = table(client, suffix=suffix)
    assert row["Titel"].removeprefix("'") == title
    assert row["Titel"][0] not in "=+-@"
    assert data(client)[0]["title"] == title


@pytest.mark.parametrize("query", ["?stand=wild", "?seite=99", "?q=%00%25'", "?q=" + "x" * 10_000, "?sortierung=;drop"])
def test_a_strange_address_is_no_error(client, two, query):
    for suffix in ("csv", "xlsx", "json"):
        assert content(client.get(f"{LIST}{suffix}{query}"))


@pytest.mark.parametrize("suffix", ["pdf", "exe", "csv2"])
def test_other_kinds_of_files_there_are_not(client, suffix):
    assert client.get(f"{LIST}{suffix}").status_code == 404


def test_the_list_leads_to_its_files_with_what_is_chosen(client, two):
    page = client.get("/massnahmen/?jahr=2010&sortierung=titel").content.decode()
    for suffix in ("csv", "xlsx", "json"):
        assert f"/massnahmen/liste.{suffix}?jahr=2010&amp;sortierung=titel" in page


def many(total: int) -> None:
    like = MeasureFactory()
    Measure.objects.bulk_create(
        Measure(
            number=f"M-{2000 + total // 100}-{n:05}",
            title=f"Maßnahme {n}", slug=f"n-{n}", summary="Kurz. " * 20, state="in_progress",
            description="Lang. " * 200, field=like.field, lead=like.lead, last_news_on=like.last_news_on,
        )
        for n in range(total)
    )  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_a_file_is_written_while_it_is_read_in_constant_memory(client, suffix):
    peaks = []
    for total in (400, 1600):
        many(total)
        client.get("/massnahmen/")  # the facets are kept for all readers
        response = client.get(f"{LIST}{suffix}")
        tracemalloc.start()
        size = sum(len(part) for part in response.streaming_content)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert size > 2_000_000
    assert peaks[1] < 1.2 * peaks[0]


def test_a_batch_takes_the_same_number_of_queries_whatever_is_in_it(client):
    def number() -> int:
        with CaptureQueriesContext(connection) as queries:
            content(client.get(f"{LIST}csv"))
        return len(queries)

    MeasureFactory(districts=[DistrictFactory()])
    client.get("/massnahmen/")
    number()
    few = number()
    for _ in range(29):
        MeasureFactory(districts=[DistrictFactory(), DistrictFactory()])
    client.get("/massnahmen/")
    assert number() == few
