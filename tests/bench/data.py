"""A city's worth of invented measures, always the same ones."""

import datetime as dt
import random
from typing import Any

from conferences.models import Conference, Debate
from dialog.models import Body, District, FieldOfAction, Organization, Process, Recommendation, Strand
from measures.models import (
    CooperationAgreement,
    Goal,
    Guideline,
    Measure,
    MeasureMilestone,
    ProgressUpdate,
    Resolution,
    ResolutionPoint,
)

SEED = 20081030
FIRST_YEAR, YEARS = 2008, 18
BEGINNINGS = ("Schul", "Kita", "Quartiers", "Spiel", "Stadtteil", "Sport", "Jugend", "Kultur", "Sprach", "Eltern")
ENDINGS = ("platz", "treff", "werkstatt", "beratung", "fest", "netzwerk", "konzept", "bücherei", "bühne", "garten")
#: Each of these words is in a quarter of all texts or more, as some are in a city's papers.
WORDS = [f"{one}{two}{three}" for one in BEGINNINGS for two in ENDINGS for three in ("", "e")]

#: A street is in one text out of thirty: enough for more than a page of a thousand measures.
TREES = ("Ahorn", "Birken", "Buchen", "Eichen", "Erlen", "Eschen", "Kastanien", "Linden", "Pappel", "Ulmen")
STREETS = [f"{tree}{way}" for tree in TREES for way in ("weg", "gasse", "allee")]


def fill(total: int, *, today: dt.date) -> None:
    """Adds measures until there are `total`, with news, milestones, partners and their way through the dialogue."""
    random_ = random.Random(f"{SEED}-{total}")  # noqa: S311  (not a secret: always the same numbers)
    ground = _ground()
    have = Measure.objects.count()
    rows = [_measure(n, random_, ground, today) for n in range(have, total)]
    Measure.objects.bulk_create(rows, batch_size=500)
    rows = list(Measure.objects.order_by("pk")[have:])
    for name, choices, numbers in (
        ("strands", ground["strands"], (1, 1, 2)),
        ("districts", ground["districts"], (0, 1, 2)),
        ("partners", ground["organizations"], (0, 1, 3)),
        ("guidelines", ground["guidelines"], (0, 1, 2)),
        ("recommended_by", ground["recommendations"], (0, 1, 2)),
        ("decided_in", ground["points"], (1, 1, 2)),
    ):
        _link(name, rows, choices, numbers, random_)
    ProgressUpdate.objects.bulk_create([update for row in rows for update in _updates(row, random_)], batch_size=1000)
    MeasureMilestone.objects.bulk_create(
        [
            MeasureMilestone(measure=row, position=n, name=f"Schritt {n}", due_on=today + dt.timedelta(days=90 * n))
            for row in rows
            for n in (1, 2)
        ],
        batch_size=1000,
    )


def _ground() -> dict[str, Any]:
    """What measures refer to; made once."""
    if not FieldOfAction.objects.exists():
        _make_ground()
    return {
        "fields": list(FieldOfAction.objects.all()),
        "strands": list(Strand.objects.all()),
        "districts": list(District.objects.all()),
        "organizations": list(Organization.objects.all()),
        "guidelines": list(Guideline.objects.all()),
        "recommendations": list(Recommendation.objects.all()),
        "points": list(ResolutionPoint.objects.all()),
    }


def _make_ground() -> None:
    names = ("Bildung, Erziehung und Kultur", "Arbeit und Wirtschaft", "Stadtentwicklung und Wohnen", "Dialog")
    fields = [
        FieldOfAction.objects.create(name=name, slug=accent, position=n, accent=accent, summary="Worum es geht.")
        for n, (name, accent) in enumerate(zip(names, FieldOfAction.Accent.values, strict=True))
    ]
    for n, name in enumerate(("Infrastruktur", "Integration")):
        Strand.objects.create(code=name.lower(), name=name, position=n)
    District.objects.bulk_create(District(name=f"Ortsteil {n:02}", slug=f"ortsteil-{n:02}") for n in range(14))
    Organization.objects.bulk_create(
        Organization(name=f"Institution {n:02}", slug=f"institution-{n:02}", kind="other") for n in range(30)
    )
    process = Process.objects.create(
        name="Dialog", slug="dialog", summary="Ein Gespräch.", starts_on=dt.date(2008, 10, 30)
    )
    for n, field in enumerate(fields):
        Guideline.objects.create(field=field, position=1, title=f"Leitlinie {n}", text="Was die Stadt will. " * 10)
        Goal.objects.create(field=field, position=1, title=f"Ziel {n}", text="Was erreicht wird.")
        body = Body.objects.create(
            name=f"Gruppe {n}", slug=f"gruppe-{n}", kind=Body.Kind.WORKING_GROUP, task="Beraten.", process=process
        )
        body.fields.add(field)
        for position in range(5):
            Recommendation.objects.create(
                number=f"E-2009-{n * 5 + position + 1:03}",
                title=f"Empfehlung {n}.{position}",
                slug=f"empfehlung-{n}-{position}",
                wording="Die Gruppe empfiehlt. " * 8,
                body=body,
                field=field,
                state=Recommendation.State.ADOPTED,
                date=dt.date(2009, 1, 27),
            )
        CooperationAgreement.objects.create(
            title=f"Vereinbarung {n}",
            slug=f"vereinbarung-{n}",
            text="Wir handeln gemeinsam.",
            field=field,
            process=process,
            concluded_on=dt.date(2009, 3, 1),
        )
    conference = Conference.objects.create(
        title="Jahreskonferenz 2009", slug="2009", date=dt.date(2009, 1, 27), process=process
    )
    Debate.objects.bulk_create(
        Debate(conference=conference, recommendation=row, outcome=Debate.Outcome.ADOPTED)
        for row in Recommendation.objects.all()
    )
    resolution = Resolution.objects.create(
        title="Grundsatzbeschluss",
        slug="grundsatzbeschluss",
        adopted_on=dt.date(2008, 10, 30),
        summary="Der Rat.",
        process=process,
    )
    for position in range(1, 8):
        ResolutionPoint.objects.create(
            resolution=resolution,
            position=position,
            title=f"Punkt {position}",
            text="Die Verwaltung handelt.",
            addressee=ResolutionPoint.Addressee.ADMINISTRATION,
        )


def _text(random_: random.Random, words: int) -> str:
    return " ".join(random_.choice(WORDS) for _ in range(words))


def _measure(n: int, random_: random.Random, ground: dict[str, Any], today: dt.date) -> Measure:
    year = FIRST_YEAR + n % YEARS
    state = random_.choice(("proposed", "decided", "in_progress", "in_progress", "in_progress", "done"))
    row = Measure(
        number=f"M-{year}-{n // YEARS + 1:03}",
        title=f"{_text(random_, 3)} {n}",
        slug=f"massnahme-{n}",
        kind=random_.choice(Measure.Kind.values),
        summary=f"{_text(random_, 18)}.",
        description=f"{_text(random_, 60)}. {random_.choice(STREETS)} {n % 90 + 1}.",
        field=random_.choice(ground["fields"]),
        lead=random_.choice(ground["organizations"]),
        state=state,
        progress={"done": 100, "in_progress": random_.randrange(5, 96)}.get(state, 0),
        starts_on=dt.date(year, random_.randrange(1, 13), 1),
        last_news_on=today - dt.timedelta(days=random_.randrange(900)),
    )
    row.search_text = " ".join(f"{row.number} {row.title} {row.summary} {row.description}".casefold().split())
    return row


def _link(name: str, rows: list[Measure], choices: list[Any], numbers: tuple[int, ...], random_: random.Random) -> None:
    through = getattr(Measure, name).through
    column = next(
        field.attname for field in through._meta.fields if field.is_relation and field.related_model is not Measure
    )
    through.objects.bulk_create(
        (
            through(measure_id=row.pk, **{column: choice.pk})
            for row in rows
            for choice in random_.sample(choices, random_.choice(numbers))
        ),
        batch_size=1000,
    )


def _updates(row: Measure, random_: random.Random) -> list[ProgressUpdate]:
    if row.state == Measure.State.PROPOSED:
        return []
    return [
        ProgressUpdate(
            measure=row,
            date=row.last_news_on - dt.timedelta(days=180 * n),
            status=row.state,
            progress=max(0, row.progress - 20 * n),
            text=f"{_text(random_, 40)}.",
            outlook=f"{_text(random_, 15)}.",
        )
        for n in range(5)
    ]
