"""The council report on paper, opened again and read."""

import datetime as dt
import io
import itertools
import re
from typing import Any

import pikepdf
import pytest

from dialog.services import pdf
from measures.services import report_content, reports
from measures.templatetags.report import by_work
from tests.factories import (
    BodyFactory,
    CouncilReportFactory,
    FieldOfActionFactory,
    GroupStatementFactory,
    GuidelineFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    MeasureMilestoneFactory,
    MeetingFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    berlin,
)
from tests.paper import Text

pytestmark = pytest.mark.django_db

AT = berlin(2010, 11, 20)


class Paper:
    """A report as PDF, with what can be read on its pages."""

    def __init__(self, report: Any) -> None:
        # With the groups' words, as it is frozen; a draft goes out without them.
        self.content, made = reports.set_and_check(lambda: reports.collect(report), at=AT, run=None)
        self.pdf = pikepdf.open(io.BytesIO(made))
        self.pages = list(pdf.page_texts(self.pdf))
        self.text = Text(" ".join(self.pages))

    def page_of(self, bookmark: str) -> int:
        """The number of the page to which the bookmark leads."""
        numbers = {page.objgen: number for number, page in enumerate(self.pdf.pages, start=1)}
        with self.pdf.open_outline() as outline:
            (item,) = (item for item in walk(outline.root) if item.title == bookmark)
            return numbers[item.destination[0].objgen]


def walk(items: Any) -> Any:
    for item in items:
        yield item
        yield from walk(item.children)


def paper(year: int = 2010) -> Paper:
    return Paper(reports.draft(year, at=AT))


@pytest.fixture
def rich() -> Paper:
    """A report with enough in it to have chapters and several pages."""
    resolution = ResolutionFactory(title="Grundsatzbeschluss", adopted_on=dt.date(2008, 10, 30))
    points = [ResolutionPointFactory(resolution=resolution, title=f"Auftrag Nummer {n}") for n in range(1, 8)]
    for name in ("Bildung und Kultur", "Stadt und Wohnen"):
        field = FieldOfActionFactory(name=name)
        GuidelineFactory(field=field, title=f"Leitlinie für {name}")
        for number in range(9):
            measure = MeasureFactory(
                field=field,
                title=f"Größere Maßnahme {number} für {name}",
                decided_in=points[:1],
                last_news_on=dt.date(2010, 3, 1),
            )
            ProgressUpdateFactory(measure=measure, date=dt.date(2010, 3, 1), text="Der Anfang ist gemacht.")
    RecommendationFactory(title="Mehr Licht auf Schulwegen", date=dt.date(2010, 1, 27))
    MeetingFactory(body=BodyFactory(name="Wege"), held=True, starts_at=berlin(2010, 4, 5))
    indicator = IndicatorFactory(name="Plätze im Ganztag", unit="Plätze", source="Schulamt")
    for year, value in ((2008, 120), (2009, 180)):
        IndicatorValueFactory(indicator=indicator, year=year, value=value)
    return paper()


def test_every_measure_stands_in_the_text(rich: Paper) -> None:
    titles = [row["title"] for row in report_content.all_measures(rich.content["fields"])]

    assert len(titles) == 18
    assert [title for title in titles if title not in rich.text] == []


def test_it_carries_resolutions_guidelines_recommendations_and_meetings(rich: Paper) -> None:
    for expected in (
        "Grundsatzbeschluss",
        *(f"Auftrag Nummer {n}" for n in range(1, 8)),
        "Leitlinie für Bildung und Kultur",
        "Mehr Licht auf Schulwegen",
        "Arbeitsgruppe Wege",
        "5. April 2010",
    ):
        assert expected in rich.text


def test_the_contents_name_the_right_pages(rich: Paper) -> None:
    contents = Text(rich.pages[1])
    chapters = (
        "Auf einen Blick",
        "Stand der Ratsbeschlüsse",
        "Bildung und Kultur",
        "Stadt und Wohnen",
        "Empfehlungen und was aus ihnen wurde",
        "Kennzahlen",
        "Das Jahr im Dialog",
        "Stellungnahmen der Arbeitsgruppen",
        "Ausblick",
        "Anhang",
    )

    pages = [rich.page_of(chapter) for chapter in chapters]
    assert pages == sorted(pages)
    assert pages[-1] > 6
    assert [chapter for chapter in chapters if chapter not in contents] == []
    # The numbers stand at the right edge and are drawn before the lines they belong to.
    assert contents.text.startswith("".join(map(str, pages)) + "Inhalt")


def test_the_annex_names_the_page_of_each_measure(rich: Paper) -> None:
    annex = Text.closed_up(" ".join(rich.pages[rich.page_of("Anhang") - 1 :]))

    for row in report_content.all_measures(rich.content["fields"]):
        page = rich.page_of(row["title"])
        name = re.escape(Text.closed_up(row["number"] + row["title"]))
        assert re.search(rf"{name}\D.{{0,60}}?inUmsetzung{row['progress']}{page}\D", annex)


def test_pages_are_numbered_and_named(rich: Paper) -> None:
    number = len(rich.pages)

    assert f"{number} / {number}" in Text(rich.pages[-1])
    assert "Lüner Dialog · Umsetzung und Ausblick 2010" in Text(rich.pages[-1])
    assert " / " not in rich.pages[0]


def test_no_page_is_empty_and_no_heading_stands_alone_at_a_foot(rich: Paper) -> None:
    foot, three_lines = 68, 45  # in points from the paper's lower edge
    with rich.pdf.open_outline() as outline:
        heights = {item.title: float(item.destination[3]) for item in walk(outline.root)}

    assert len(heights) > 30
    assert [title for title, height in heights.items() if height < foot + three_lines] == []
    assert [page for page in rich.pages[1:] if len(page) < 150] == []


def test_no_word_is_lost_where_a_page_ends() -> None:
    field = FieldOfActionFactory()
    ends, sentences = [], 0
    for number in range(24):
        measure = MeasureFactory(field=field, last_news_on=dt.date(2010, 9, 1))
        for month in range(2, 2 + number % 5):
            repeated = number * month % 29
            words = f"Es wurde beraten und gebaut. {'Es wurde beraten und gebaut. ' * repeated}"
            ends.append(f"Ende {number}-{month}.")
            sentences += 1 + repeated
            ProgressUpdateFactory(measure=measure, date=dt.date(2010, month, 1), text=words + ends[-1])

    text = paper().text

    assert [end for end in ends if end not in text] == []
    assert text.text.count("gebaut.") == sentences


def test_headings_go_down_one_level_at_a_time(rich: Paper) -> None:
    levels = [int(tag[1]) for tag in tags(rich.pdf.Root.StructTreeRoot) if re.fullmatch("H[1-6]", tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(b - a for a, b in itertools.pairwise(levels)) == 1


def test_pictures_have_a_description_and_tables_have_heads(rich: Paper) -> None:
    found = list(tags(rich.pdf.Root.StructTreeRoot))

    figures = list(figures_of(rich.pdf.Root.StructTreeRoot))
    assert found.count("Figure") == len(figures) >= 1
    assert [figure for figure in figures if not str(figure.get("/Alt", "")).strip()] == []
    assert found.count("Table") >= 3
    assert found.count("THead") >= found.count("Table")


def figures_of(element: Any) -> Any:
    """The elements of the structure that are pictures."""
    if isinstance(element, pikepdf.Array):
        for child in element:
            yield from figures_of(child)
    elif isinstance(element, pikepdf.Dictionary):
        if element.get("/S") == "/Figure":
            yield element
        if "/K" in element:
            yield from figures_of(element.K)


def tags(element: Any) -> Any:
    """The names of the structure's elements in reading order."""
    if isinstance(element, pikepdf.Array):
        for child in element:
            yield from tags(child)
    elif isinstance(element, pikepdf.Dictionary):
        if "/S" in element:
            yield str(element.S)[1:]
        if "/K" in element:
            yield from tags(element.K)


def test_what_is_not_public_is_not_on_paper() -> None:
    MeasureFactory(title="Geheimer Vorschlag", proposed=True)
    RecommendationFactory(title="Geheimer Entwurf", drafted=True)
    MeetingFactory(title="Geheime Sitzung", held=True, non_public=True, starts_at=berlin(2010, 3, 2))
    MeasureFactory(title="Öffentliche Maßnahme")

    text = paper().text

    assert "Öffentliche Maßnahme" in text
    assert "Geheim" not in text


def test_silence_is_never_sold_as_agreement() -> None:
    MeasureFactory()
    group = BodyFactory(name="Wohnen")
    silent = paper()
    assert "noch ohne Stellungnahmen der Arbeitsgruppen" in Text(silent.pages[0])
    assert "abgestimmt" not in Text(silent.pages[0])

    report = CouncilReportFactory(year=2010)
    GroupStatementFactory(report=report, body=group, position="dissents", text="Das sehen wir anders.")
    agreed = Paper(report)
    assert "mit den Stellungnahmen aller Arbeitsgruppen" in Text(agreed.pages[0])
    assert "Eine Gruppe widerspricht." in agreed.text
    assert "Das sehen wir anders." in agreed.text

    BodyFactory(name="Sport")
    partly = Paper(report)
    assert "mit der Stellungnahme einer von zwei Arbeitsgruppen" in Text(partly.pages[0])
    assert "Keine Stellungnahme haben abgegeben: Arbeitsgruppe Sport" in partly.text


def test_numbers_agree_with_their_words() -> None:
    field = FieldOfActionFactory(name="Wohnen")
    MeasureFactory(field=field, last_news_on=dt.date(2010, 3, 1))
    one = paper().text
    assert "Eine Maßnahme: in Umsetzung" in one
    assert "Gezählt ist eine Maßnahme" in one

    MeasureFactory(field=field, last_news_on=dt.date(2010, 3, 1))
    two = paper().text
    assert "Zwei Maßnahmen: alle in Umsetzung" in two
    assert "Gezählt sind zwei Maßnahmen" in two

    MeasureFactory(field=field, state="decided", last_news_on=dt.date(2010, 3, 1))
    assert "Drei Maßnahmen: 2 in Umsetzung, 1 beschlossen" in paper().text


def test_examples_are_marked_on_paper() -> None:
    measure = MeasureFactory(last_news_on=dt.date(2010, 3, 1))
    assert "Beispiel" not in paper().text

    ProgressUpdateFactory(measure=measure, date=dt.date(2010, 3, 1), is_example=True)
    marked = paper()
    assert "enthält Beispieldaten" in Text(marked.pages[-1])
    assert "Es geht voran. Beispiel" in marked.text


def test_a_year_without_data_is_a_short_honest_report() -> None:
    MeasureFactory()

    empty = paper(1999)

    assert len(empty.pages) == 2
    assert "vom 1. November 1998 bis zum 31. Oktober 1999" in empty.text
    assert "Für diese Zeit ist im Portal nichts verzeichnet" in empty.text


def test_hostile_text_stays_text() -> None:
    MeasureFactory(title='<script>alert("1")</script> & Söhne', summary='<img src="http://127.0.0.1:1/x.png">')

    assert '<script>alert("1")</script> & Söhne' in paper().text


def test_the_same_content_gives_the_same_bytes() -> None:
    MeasureFactory.create_batch(3)
    content = reports.collect(reports.draft(2010, at=AT))

    assert reports.render_pdf(content, at=AT) == reports.render_pdf(content, at=AT)


def test_whoever_is_in_a_hurry_reads_one_page() -> None:
    field = FieldOfActionFactory()
    for number in range(12):
        MeasureFactory(field=field, title=f"Stille Maßnahme Nummer {number}", last_news_on=dt.date(2009, 2, 1))
        late = MeasureFactory(field=field, title=f"Säumige Maßnahme {number}", last_news_on=dt.date(2010, 3, 1))
        due = {"due_on": dt.date(2010, 9, 1) - dt.timedelta(days=30 * number)}
        MeasureMilestoneFactory(measure=late, name="Den zweiten Abschnitt beginnen", **due)
    for _ in range(6):
        ResolutionPointFactory(due_on=dt.date(2010, 5, 1), late_reason="Das Land hat die Förderung nicht bewilligt.")
    report = CouncilReportFactory(year=2010)
    for position in ("agrees", "remarks", "dissents"):
        GroupStatementFactory(report=report, position=position, text="So sehen wir es.")

    made = Paper(report)

    summary = made.pages[made.page_of("Auf einen Blick") - 1]
    assert "Der Rat wird gebeten" in Text(summary)
    assert "Bei 12 Maßnahmen ist der nächste Schritt überfällig, am längsten bei diesen fünf:" in Text(summary)
    assert "diesen fünf: Säumige Maßnahme 11" in Text(summary)
    assert "Säumige Maßnahme 7" in Text(summary)
    assert "Säumige Maßnahme 6" not in Text(summary)
    assert "Dazu kommen zwei weitere Punkte" in Text(summary)


def test_nothing_stands_between_a_heading_and_its_text() -> None:
    MeasureFactory()
    report = CouncilReportFactory(year=2010)
    GroupStatementFactory(report=report, text="", tasks="")
    content = reports.collect(report)

    shown = pdf.html("pdf/report.html", reports.context(content, paper=True), title=content["title"], at=AT)

    # An empty paragraph lets a page end behind the heading, and a screen reader stop at nothing.
    assert "<p></p>" not in shown


def test_groups_without_tasks_are_named_in_one_sentence() -> None:
    MeasureFactory()
    report = CouncilReportFactory(year=2010)
    GroupStatementFactory(report=report, body=BodyFactory(name="Wohnen"), tasks="Wir fragen die Nachbarn.")
    GroupStatementFactory(report=report, body=BodyFactory(name="Sport"))
    BodyFactory(name="Arbeit")

    text = Paper(report).text

    assert "Arbeitsgruppe Wohnen Wir fragen die Nachbarn." in text
    expected = "Keine Aufgaben für das nächste Jahr gemeldet haben: Arbeitsgruppe Sport; Arbeitsgruppe Arbeit."
    assert expected in text


def test_an_example_is_marked_once_for_all_that_belongs_to_it() -> None:
    measure = MeasureFactory(last_news_on=dt.date(2010, 3, 1), is_example=True)
    ProgressUpdateFactory(measure=measure, date=dt.date(2010, 3, 1), is_example=True)
    indicator = IndicatorFactory(is_example=True)
    for year in range(2002, 2010):
        IndicatorValueFactory(indicator=indicator, year=year, value=year, is_example=True)

    text = paper().text

    # The measure in its field, on the annex' list, and the indicator; the legend below the sources is the fourth.
    assert text.text.count("Beispiel") - text.text.count("Beispieldaten") == 4
    assert [str(year) for year in range(2002, 2010) if f"{year} {year // 1000}.{year % 1000:03}" not in text] == []


def test_a_work_is_named_once_among_the_sources() -> None:
    sources = ["Broschüre, S. 10", "Broschüre, S. 4 und 8", "Broschüre, S. 7 (ohne Jahr)", "Schulamt"]

    assert by_work(sources) == [("Broschüre", ["4 und 8", "7 (ohne Jahr)", "10"]), ("Schulamt", [])]
