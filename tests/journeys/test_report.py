"""From opening to noted: three groups, one agrees, one dissents, one is silent; then the paper is read back."""

import datetime as dt
import html
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import capfirst
from post_office.models import Email

from dialog.models import JobRun
from dialog.services import jobs, pdf
from dialog.templatetags.dialog import when
from measures.models import CouncilReport, ReportEdition
from measures.services import editions, reports
from tests.factories import (
    AddresseeFactory,
    BodyFactory,
    ConferenceFactory,
    CooperationAgreementFactory,
    DeclarationFactory,
    FieldOfActionFactory,
    GoalFactory,
    GuidelineFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    MeasureMilestoneFactory,
    MeetingFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    UserFactory,
    berlin,
)
from tests.paper import Text

pytestmark = pytest.mark.django_db


#: What people write.
WRITTEN = {
    "foreword": "Ein gutes Jahr für den Dialog.",
    "assessment": "Vieles ging schneller als gedacht.",
    "outlook": "Wir bleiben daran.",
}

#: What is in the snapshot and not on paper as it stands: codes beside their words, addresses, what is told in
#: another way or said once for the whole report, and what `counted` reads with its numbers.
UNPRINTED = {
    *("slug", "url", "accent", "kind", "state", "standing", "fate", "precision", "qualifier", "position", "schema"),
    *("kind_label", "funding", "field", "groups", "has_examples", "planned"),
    *("began_on", "news_on", "state_since_on", "reason"),
    *("counts", "value", "target"),
}


@dataclass(frozen=True)
class Fact:
    """A word of the snapshot, and where in it it stands."""

    path: str
    text: str


def printed(content: Any, path: str = "", precision: str = "day") -> Iterator[Fact]:
    """What must be read on paper: all texts and dates of the snapshot but those under `UNPRINTED`."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name not in UNPRINTED:
                precision = "month" if name == "review_on" else content.get("precision", "day")
                yield from printed(value, f"{path}.{name}", precision)
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from printed(value, f"{path}[{place}]", precision)
    elif isinstance(content, str) and content:
        is_date = path.rstrip("0123456789[]").endswith("_on")
        yield Fact(path, when(dt.date.fromisoformat(content), precision) if is_date else content)


def counted(snapshot: dict[str, Any], *, comma: str, colon: str) -> Iterator[Fact]:
    """The numbers of the snapshot, each in the words that stand around it.

    `comma` stands in a row of counts and `colon` after a term: styles set them, which is text on paper alone.
    """
    summary, people = snapshot["summary"], snapshot["participation"]
    for row in summary["counts"]:
        if row["standing"] != "stopped":
            yield Fact("summary", f"{row['number']} {row['label']}")
    stopped = next(row["number"] for row in summary["counts"] if row["standing"] == "stopped")
    yield Fact("summary", f"Gezählt sind {apnumber(summary['total'])} Maßnahmen")
    yield Fact("summary", f"{capfirst(apnumber(stopped))} davon sind eingestellt.")
    yield Fact("summary", f"Zu {apnumber(len(summary['quiet']))} Maßnahmen ist seit über einem Jahr keine")
    for field in snapshot["fields"]:
        tally = comma.join(f"{row['number']} {row['word']}" for row in field["counts"] if row["number"])
        yield Fact(field["name"], f"{capfirst(apnumber(field['total']))} Maßnahmen: {tally}")
        for row in field["measures"]:
            named, standing = f"{row['number']} {row['title']}", row["standing_label"]
            yield Fact(row["number"], f"{named} {row['lead']} {standing} {row['progress']}")
            since = f" seit dem {when(dt.date.fromisoformat(row['news_on']))}" if row["standing"] == "quiet" else ""
            before = f" im Vorjahr: {row['standing_before_label']}" if row["standing_before_label"] else ""
            change = "" if row["progress_before"] == row["progress"] else f", im Vorjahr {row['progress_before']} %"
            yield Fact(
                row["number"],
                f"{standing}{since}{before} {row['progress']} %{change} Federführung{colon} {row['lead']}",
            )
            if row["recommended_by"]:
                yield Fact(
                    row["number"], f"Empfohlen{colon} {', '.join(one['number'] for one in row['recommended_by'])}"
                )
            for name, points in itertools.groupby(row["decided_in"], itemgetter("resolution")):
                several = list(points)
                places = ", ".join(str(point["position"]) for point in several)
                what = f"Punkte {places}" if len(several) > 1 else f"Punkt {places}"
                yield Fact(row["number"], f"{name}, {what} ({long(several[0]['adopted_on'])})")
    for row in snapshot["resolutions"]:
        number = f"{apnumber(len(row['points']))} Punkte" if len(row["points"]) > 1 else "ein Punkt"
        vote = f" ({row['vote']})" if row["vote"] else ""
        yield Fact(row["title"], f"Beschlossen am {long(row['adopted_on'])}{vote}, {number}")
        for point in row["points"]:
            yield Fact(row["title"], f"{point['position']} {point['title']} {point['text']} {point['addressee']}")
    recommendations = snapshot["recommendations"]
    yield Fact("recommendations", f"lagen bis zum Stichtag {apnumber(len(recommendations))} Empfehlungen vor.")
    yield Fact("recommendations", f"{capfirst(apnumber(summary['unanswered']))} sind ohne Antwort.")
    fates = {row["fate"]: row["number"] for row in summary["fates"]}
    yield Fact("recommendations", f"{capfirst(apnumber(fates['new']))} kamen im Berichtszeitraum hinzu.")
    yield Fact("participation", f"arbeiteten {people['people']} Personen in den Arbeitsgruppen mit.")
    yield Fact("participation", f"Es gab {apnumber(people['groups'])} Arbeitsgruppen.")
    yield Fact("participation", f"kamen {apnumber(people['new_people'])} Personen hinzu.")
    yield Fact("participation", f"waren {apnumber(people['institutions'])} Institutionen vertreten.")
    for row in snapshot["indicators"]:
        values = " ".join(f"{value['year']} {plain(value['value'])}" for value in row["values"])
        yield Fact(row["name"], f"Jahr {row['unit']} {values} Ziel {row['target_year']} {plain(row['target'])}")
    for row in snapshot["meetings"]:
        days = ", ".join(long(day) for day in row["held_on"])
        yield Fact("meetings", f"{row['body']} {len(row['held_on'])} {days}")
    yield Fact("agreements", f"galten {apnumber(len(snapshot['agreements']))} Vereinbarungen.")


def long(day: str) -> str:
    return when(dt.date.fromisoformat(day))


def plain(number: str) -> str:
    """A number of the snapshot as one writes it in German."""
    return number.rstrip("0").rstrip(".").replace(".", ",")


def a_year_of_everything(day: dt.date) -> list[Any]:
    """One row, at least, of all that a report tells of, in its period; returns the measures."""
    before = day - dt.timedelta(days=400)
    field = FieldOfActionFactory(name="Stadtentwicklung")
    GuidelineFactory(field=field, title="Zusammen planen", text="Wer plant, fragt die Nachbarschaft.")
    GoalFactory(field=field, title="Sichere Wege", text="Jeder Weg ist beleuchtet.")
    resolution = ResolutionFactory(title="Grundsatzbeschluss", adopted_on=dt.date(2008, 10, 30), vote="38 Ja, 4 Nein")
    later = day + dt.timedelta(days=200)
    points = [
        ResolutionPointFactory(resolution=resolution, title="Wege beleuchten", note="Drei Wege sind hell."),
        ResolutionPointFactory(
            resolution=resolution, title="Jährlich berichten", state="ongoing", next_review_on=later
        ),
    ]
    once_more = ResolutionPointFactory(resolution=ResolutionFactory(title="Bänke für alle", adopted_on=before))
    former = BodyFactory(name="Früher", ended=True, ended_on=day)
    council = BodyFactory(name="Rat der Stadt", council=True)
    for title in ("Mehr Licht", "Mehr Bänke"):
        asked = RecommendationFactory(title=title, wording=f"Die Gruppe empfiehlt: {title}.", body=former, date=day)
        AddresseeFactory(recommendation=asked, body=council, organization=None)
    running = MeasureFactory(
        title="Soziale Stadt Gahmen",
        field=field,
        recommended_by=[
            RecommendationFactory(title=title, wording=title, body=former, date=before) for title in ("Park", "Platz")
        ],
        decided_in=[once_more, *points],
        last_news_on=day,
        progress=65,
    )
    ProgressUpdateFactory(measure=running, date=before, text="Der Plan steht.", progress=35)
    ProgressUpdateFactory(
        measure=running, date=day, text="Der Grünzug ist fertig.", outlook="Es folgen Bänke.", progress=65
    )
    MeasureMilestoneFactory(measure=running, name="Bänke stehen", due_on=day + dt.timedelta(days=300))
    long_ago = day - dt.timedelta(days=900)
    still = [
        MeasureFactory(title=title, field=field, last_news_on=long_ago, progress=progress)
        for title, progress in (("Wochenmarkt Süd", 15), ("Radweg Nord", 25))
    ]
    ended = [MeasureFactory(title=title, field=field, last_news_on=day, stopped=True) for title in ("Turm", "Tunnel")]
    for _number in range(2):
        MeetingFactory(body=former, held=True, starts_at=noon(day))
    ConferenceFactory(title="Jahreskonferenz", date=day, place="Hansesaal", summary="Es ging um Wege.")
    indicator = IndicatorFactory(
        name="Beleuchtete Wege",
        unit="Wege",
        text="Gezählt im Herbst.",
        source="Stadtwerke",
        target=40,
        target_year=2035,
    )
    for year in (day.year - 1, day.year):
        IndicatorValueFactory(indicator=indicator, year=year, value=year - 2000 + 0.5)
    for title in ("Lesen in der Kita", "Sport in der Kita"):
        CooperationAgreementFactory(title=title, text="Kinder sind dabei.", concluded_on=day)
    DeclarationFactory(title="Erklärung für Wege", adopted_on=day)
    return [running, *still, *ended]


def noon(day: dt.date) -> dt.datetime:
    return berlin(day.year, day.month, day.day)


def text_of(content: bytes) -> Text:
    with pikepdf.open(io.BytesIO(content)) as paper:
        return Text(" ".join(pdf.page_texts(paper)))


def lead_of(name: str, **body: Any) -> Any:
    person = PersonFactory(name=f"Leitung {name}", user=UserFactory(email=f"{name.lower()}@example.org"))
    group, shop = BodyFactory(name=name, slug=name.lower(), **body), OrganizationFactory()
    since = reports.cutoff_of(reports.year_due(timezone.localdate()))
    return MembershipFactory(body=group, organization=shop, person=person, starts_on=since, chair=True).person


def test_a_report_goes_from_opening_to_noted(client: Any, client_of: Any, planner: Any) -> None:
    today = timezone.localdate()
    year = reports.year_due(today)
    measures = a_year_of_everything(reports.cutoff_of(year) - dt.timedelta(days=100))
    agreeing, dissenting, _silent = lead_of("Wohnen"), lead_of("Arbeit"), lead_of("Sport")
    mayor = lead_of("Steuerungsgruppe", steering_group=True)
    MembershipFactory(body=BodyFactory(name="Rat", council=True), person=PersonFactory(email="rat@example.org"))
    office, home = client_of(planner), f"/arbeitsbereich/berichte/{year}/"

    office.post("/arbeitsbereich/berichte/", {"year": year})
    jobs.run(JobRun.objects.get().pk)
    for kind, text in WRITTEN.items():
        office.post(f"{home}texte/{kind}/", {"text": text, "version": 0})
    office.post(f"{home}gather/", {"updates_until": today})
    office.post(f"{home}consult/", {"consultation_until": today})
    for person, word in ((agreeing, ("agrees", "")), (dissenting, ("dissents", "Das sehen wir anders."))):
        slug = person.memberships.get().body.slug
        answer = client_of(person.user).post(
            f"/berichte/{year}/stellungnahme/{slug}/",
            {"position": word[0], "text": word[1], "tasks": f"Wir von {slug} hören zu.", "decided_on": today},
        )
        assert answer.status_code == 302
    assert "Es fehlen: Sport" in office.post(f"{home}freeze/").content.decode()

    # The last day of the consultation passes.
    CouncilReport.objects.update(consultation_until=today - dt.timedelta(days=1))
    office.post(f"{home}freeze/")
    job = JobRun.objects.open().get()
    jobs.run(job.pk)
    jobs.run(JobRun.objects.open().get(kind="council_report_parts").pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert client.get(f"/berichte/{year}/").status_code == 404
    client_of(mayor.user).post(f"{home}approve/")
    office.post(f"{home}hand_over/", {"paper_number": "VL-154"})
    office.post(f"{home}note/", {"noted_on": today, "outcome": "taken_note", "vote": "einstimmig"})

    report, edition = CouncilReport.objects.get(), ReportEdition.objects.get()
    assert report.state == "noted"
    for measure in measures:
        measure.delete()
    page = Text(html.unescape(strip_tags(client.get(f"/berichte/{year}/").content.decode())))
    whole = Path(edition.document.file.path).read_bytes()
    paper = text_of(whole)
    snapshot = edition.snapshot
    facts = list(printed(snapshot))
    assert len(facts) > 90
    assert [fact for fact in (*facts, *counted(snapshot, comma=",", colon=":")) if fact.text not in paper] == []
    assert [fact for fact in (*facts, *counted(snapshot, comma="", colon="")) if fact.text not in page] == []
    assert [row["position"] for row in snapshot["statements"]] == ["dissents", "agrees"]
    assert snapshot["silent_groups"] == ["Arbeitsgruppe Sport"]
    for text in (
        edition.sha256,
        "Keine Stellungnahme haben abgegeben: Arbeitsgruppe Sport",
        "Wir von arbeit hören zu.",
    ):
        assert text in paper
    assert editions.render(ReportEdition.objects.get()) == whole
    short = text_of(Path(edition.parts.get(kind="short").document.file.path).read_bytes())
    assert "Der Rat wird gebeten" in short
    page = client.get(f"/berichte/{year}/").content.decode()
    assert edition.sha256 in page
    assert "einstimmig" in page
    addresses = [mail.to[0] for mail in Email.objects.all()]
    assert len(addresses) == len(set(addresses)) == 5
    assert "rat@example.org" in addresses
