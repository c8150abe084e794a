"""What must always hold is held by the database; here somebody tries to break it, past all forms and services."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from dialog.models import NumberSeries
from tests import factories as make
from tests.factories import berlin

EARLY, LATE = dt.date(2020, 1, 1), dt.date(2021, 1, 1)

#: Row to make, and values that must not be writable.
BROKEN = {
    "process ends before it starts": (make.ProcessFactory, {"starts_on": LATE, "ends_on": EARLY}),
    "phase ends before it starts": (make.PhaseFactory, {"starts_on": LATE, "ends_on": EARLY}),
    "body ends before it starts": (make.BodyFactory, {"founded_on": LATE, "ended_on": EARLY, "is_open": False}),
    "an ended group is open": (make.BodyFactory, {"ended_on": LATE, "is_open": True}),
    "the council is open": (make.BodyFactory, {"kind": "council", "is_open": True}),
    "meeting ends before it starts": (
        make.MeetingFactory,
        {"starts_at": berlin(2026, 3, 2, 20), "ends_at": berlin(2026, 3, 2, 18)},
    ),
    "published minutes without a date": (make.MinutesFactory, {"state": "published", "published_at": None}),
    "draft minutes with a date": (make.MinutesFactory, {"state": "draft", "published_at": berlin(2026, 3, 2)}),
    "a rejected recommendation without a reason": (make.RecommendationFactory, {"state": "rejected", "outcome": ""}),
    "a finished job without a time": (make.JobRunFactory, {"state": "done", "finished_at": None}),
    "a failed job without a word": (
        make.JobRunFactory,
        {"state": "failed", "finished_at": berlin(2026, 3, 2), "error": ""},
    ),
    "a resolution's point done without a date": (make.ResolutionPointFactory, {"state": "done", "done_on": None}),
    "progress beyond the end": (make.MeasureFactory, {"progress": 130}),
    "a done measure at 60 percent": (make.MeasureFactory, {"state": "done", "progress": 60}),
    "a stopped measure without a reason": (make.MeasureFactory, {"state": "stopped", "stop_reason": ""}),
    "a measure ends before it starts": (make.MeasureFactory, {"starts_on": LATE, "ends_on": EARLY}),
    "a measure with half a point on the map": (make.MeasureFactory, {"latitude": "51.6", "longitude": None}),
    "a district beyond the pole": (make.DistrictFactory, {"latitude": 91, "longitude": 7}),
    "an update beyond the end": (make.ProgressUpdateFactory, {"progress": 101}),
    "an agreement ends before it starts": (
        make.CooperationAgreementFactory,
        {"concluded_on": LATE, "ended_on": EARLY},
    ),
    "a report's cut-off before its period": (make.CouncilReportFactory, {"period_start": LATE, "cutoff": EARLY}),
    "a published report without a PDF": (
        make.CouncilReportFactory,
        {"state": "handed_over", "published_at": berlin(2026, 3, 2), "document": None},
    ),
    "dissent without a text": (make.GroupStatementFactory, {"position": "dissents", "text": ""}),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", BROKEN)
def test_the_database_refuses(case):
    factory, values = BROKEN[case]
    row = factory()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**values)


#: What there is only once.
TWICE = {
    "a mail address, whatever its case": lambda: [make.UserFactory(email=mail) for mail in ("a@b.de", "A@b.de")],
    "a public number": lambda: [make.MeasureFactory(number="M-2009-001") for _ in range(2)],
    "minutes of a meeting": lambda: [make.MinutesFactory(meeting=meeting) for meeting in [make.MeetingFactory()] * 2],
    "a seat at its position": lambda: [make.SeatFactory(body=body, position=1) for body in [make.BodyFactory()] * 2],
    "the yearly conference of a year": lambda: [
        make.ConferenceFactory(kind="annual", date=dt.date(2026, month, 1)) for month in (1, 6)
    ],
    "a debate at a conference": lambda: [
        make.DebateFactory(conference=conference, recommendation=recommendation)
        for conference, recommendation in [(make.ConferenceFactory(), make.RecommendationFactory())] * 2
    ],
    "a signature under a declaration": lambda: [
        make.SignatureFactory(declaration=declaration, organization=organization)
        for declaration, organization in [(make.DeclarationFactory(), make.OrganizationFactory())] * 2
    ],
    "a point of a resolution": lambda: [
        make.ResolutionPointFactory(resolution=resolution, position=1) for resolution in [make.ResolutionFactory()] * 2
    ],
    "a measure's update of a day": lambda: [
        make.ProgressUpdateFactory(measure=measure, date=EARLY) for measure in [make.MeasureFactory()] * 2
    ],
    "an indicator's value of a year": lambda: [
        make.IndicatorValueFactory(indicator=indicator, year=2009) for indicator in [make.IndicatorFactory()] * 2
    ],
    "a report of a year": lambda: [make.CouncilReportFactory(year=2009) for _ in range(2)],
    "a group's statement on a report": lambda: [
        make.GroupStatementFactory(report=report, body=body)
        for report, body in [(make.CouncilReportFactory(), make.BodyFactory())] * 2
    ],
    "an open job with a key": lambda: [make.JobRunFactory(key="report:2009") for _ in range(2)],
    "a number series": lambda: [NumberSeries.objects.create(prefix="M", year=2009) for _ in range(2)],
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", TWICE)
def test_there_is_only_one(case):
    with pytest.raises(IntegrityError), transaction.atomic():
        TWICE[case]()


@pytest.mark.django_db
def test_an_addressee_is_a_body_or_an_institution_and_not_both():
    recommendation = make.RecommendationFactory()
    for values in ({}, {"body": make.BodyFactory(), "organization": make.OrganizationFactory()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            recommendation.addressees.create(**values)
