"""Rows for tests: valid by default, everything else by keyword.

A state is given like any other value (`MeasureFactory(state="done", progress=100)`), because the models
protect their state fields only after the row is made. Relations to many take a list (`fields=[...]`).
"""

import datetime as dt
import hashlib
from typing import Any
from zoneinfo import ZoneInfo

import factory
from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from conferences.models import Conference, Debate, ProgrammeItem
from dialog.models import (
    Addressee,
    AgendaItem,
    Attendance,
    BarrierReport,
    Body,
    BodyInvitation,
    Declaration,
    District,
    Document,
    FieldOfAction,
    GroupMail,
    Guest,
    JobRun,
    Meeting,
    MemberImport,
    Membership,
    Milestone,
    Minutes,
    MinutesEntry,
    Organization,
    Person,
    Phase,
    Principle,
    Process,
    Recommendation,
    Seat,
    Signature,
    StandingItem,
    Strand,
    Synonyms,
    Task,
    Term,
    User,
)
from measures.models import (
    Attachment,
    CooperationAgreement,
    CouncilReport,
    Goal,
    GroupStatement,
    Guideline,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureMilestone,
    ProgressUpdate,
    Question,
    Resolution,
    ResolutionPoint,
)

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(year: int, month: int, day: int, hour: int = 18, minute: int = 0) -> dt.datetime:
    """A moment as a clock in Lünen shows it."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def many(name: str) -> factory.PostGeneration:
    """Fills the relation to many called `name` with the rows given for it."""

    def fill(row: Any, create: bool, rows: Any, **_: Any) -> None:
        if create and rows:
            getattr(row, name).set(rows)

    return factory.PostGeneration(fill)


class Factory(DjangoModelFactory):
    class Meta:
        abstract = True
        skip_postgeneration_save = True


# ── people and institutions ─────────────────────────────────────────────────────────────────────────────


class UserFactory(Factory):
    """An account without a password; `second_factor=True` gives it one, as the planning group needs it."""

    class Meta:
        model = User

    class Params:
        operator = factory.Trait(is_staff=True, is_superuser=True)

    email = factory.Sequence(lambda n: f"konto{n}@example.org")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(**kwargs)

    @factory.post_generation
    def second_factor(user: User, create: bool, wanted: bool | None, **_: Any) -> None:  # noqa: N805
        if create and wanted:
            Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})


class PersonFactory(Factory):
    """A person without an account; `with_account=True` or `user=...` gives one."""

    class Meta:
        model = Person

    class Params:
        with_account = factory.Trait(user=factory.SubFactory(UserFactory))
        office_holder = factory.Trait(office="Bürgermeisterin", office_public=True)

    name = factory.Sequence(lambda n: f"Person Nr. {n}")


class OrganizationFactory(Factory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Institution {n}")
    slug = factory.Sequence(lambda n: f"institution-{n}")
    kind = Organization.Kind.ASSOCIATION


# ── the fixed axes ──────────────────────────────────────────────────────────────────────────────────────


class FieldOfActionFactory(Factory):
    class Meta:
        model = FieldOfAction

    name = factory.Sequence(lambda n: f"Handlungsfeld {n}")
    slug = factory.Sequence(lambda n: f"handlungsfeld-{n}")
    position = factory.Sequence(lambda n: n + 1)
    accent = factory.Iterator(FieldOfAction.Accent.values)


class StrandFactory(Factory):
    class Meta:
        model = Strand

    code = factory.Sequence(lambda n: f"strang-{n}")
    name = factory.Sequence(lambda n: f"Strang {n}")
    position = factory.Sequence(lambda n: n + 1)


class DistrictFactory(Factory):
    class Meta:
        model = District

    name = factory.Sequence(lambda n: f"Ortsteil {n}")
    slug = factory.Sequence(lambda n: f"ortsteil-{n}")


class SynonymsFactory(Factory):
    class Meta:
        model = Synonyms

    words = factory.Sequence(lambda n: f"Wort {n}, Begriff {n}")


# ── processes ───────────────────────────────────────────────────────────────────────────────────────────


class ProcessFactory(Factory):
    class Meta:
        model = Process

    name = factory.Sequence(lambda n: f"Dialogprozess {n}")
    slug = factory.Sequence(lambda n: f"dialogprozess-{n}")
    summary = "Ein Gespräch zwischen Stadt und Bürgerschaft."
    starts_on = dt.date(2008, 10, 30)
    strands = many("strands")


class PhaseFactory(Factory):
    class Meta:
        model = Phase

    process = factory.SubFactory(ProcessFactory)
    name = factory.Sequence(lambda n: f"Phase {n}")
    starts_on = dt.date(2008, 11, 1)
    ends_on = dt.date(2009, 1, 31)


class MilestoneFactory(Factory):
    class Meta:
        model = Milestone

    process = factory.SubFactory(ProcessFactory)
    name = factory.Sequence(lambda n: f"Meilenstein {n}")
    date = dt.date(2009, 1, 27)


class PrincipleFactory(Factory):
    class Meta:
        model = Principle

    process = factory.SubFactory(ProcessFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Grundsatz {n}")
    text = "Miteinander sprechen, nicht übereinander."


# ── bodies and who belongs to them ──────────────────────────────────────────────────────────────────────


class BodyFactory(Factory):
    """An open working group; the other kinds, closed and ended groups by trait."""

    class Meta:
        model = Body

    class Params:
        closed = factory.Trait(is_open=False, closed_reason="Die Gruppe ist voll besetzt.")
        ended = factory.Trait(is_open=False, ended_on=dt.date(2014, 12, 31))
        council = factory.Trait(kind=Body.Kind.COUNCIL, is_open=False)
        steering_group = factory.Trait(kind=Body.Kind.STEERING_GROUP, is_open=False)
        planning_group = factory.Trait(kind=Body.Kind.PLANNING_GROUP, is_open=False)
        advisory_council = factory.Trait(kind=Body.Kind.ADVISORY_COUNCIL, is_open=False)

    name = factory.Sequence(lambda n: f"Gremium {n}")
    slug = factory.Sequence(lambda n: f"gremium-{n}")
    kind = Body.Kind.WORKING_GROUP
    task = "Gemeinsam an einem Thema arbeiten."
    process = factory.SubFactory(ProcessFactory)
    founded_on = dt.date(2009, 1, 27)
    is_open = True
    fields = many("fields")
    strands = many("strands")


class SeatFactory(Factory):
    class Meta:
        model = Seat

    body = factory.SubFactory(BodyFactory)
    position = factory.Sequence(lambda n: n + 1)
    name = factory.Sequence(lambda n: f"Vertretung {n}")


class MembershipFactory(Factory):
    """An active member who did not agree to be named; `named`, `chair`, `requested`, `former` by trait."""

    class Meta:
        model = Membership

    class Params:
        named = factory.Trait(name_public=True)
        chair = factory.Trait(role=Membership.Role.CHAIR)
        requested = factory.Trait(state=Membership.State.REQUESTED, starts_on=None, requested_at=berlin(2009, 2, 1))
        former = factory.Trait(state=Membership.State.ENDED, ends_on=dt.date(2010, 12, 31))

    body = factory.SubFactory(BodyFactory)
    person = factory.SubFactory(PersonFactory)
    state = Membership.State.ACTIVE
    starts_on = dt.date(2009, 1, 27)


class TermFactory(Factory):
    class Meta:
        model = Term

    membership = factory.SubFactory(MembershipFactory)
    role = Membership.Role.MEMBER
    starts_on = dt.date(2009, 1, 27)
    ends_on = dt.date(2010, 1, 31)


class BodyInvitationFactory(Factory):
    class Meta:
        model = BodyInvitation

    body = factory.SubFactory(BodyFactory)
    email = factory.Sequence(lambda n: f"eingeladen{n}@example.org")
    token_hash = factory.Sequence(lambda n: f"{n:064x}")
    invited_at = berlin(2009, 2, 1)
    expires_at = berlin(2009, 2, 22)


class GroupMailFactory(Factory):
    class Meta:
        model = GroupMail

    body = factory.SubFactory(BodyFactory)
    subject = factory.Sequence(lambda n: f"Nachricht {n}")
    text = "Wir treffen uns im Rathaus."
    at = berlin(2009, 2, 1)


class MemberImportFactory(Factory):
    class Meta:
        model = MemberImport

    body = factory.SubFactory(BodyFactory)
    document = factory.SubFactory("tests.factories.DocumentFactory", is_public=False)
    at = berlin(2009, 2, 1)


# ── meetings ────────────────────────────────────────────────────────────────────────────────────────────


class MeetingFactory(Factory):
    """A public meeting of two hours, planned; `non_public`, `held`, `cancelled` by trait."""

    class Meta:
        model = Meeting

    class Params:
        non_public = factory.Trait(is_public=False)
        held = factory.Trait(state=Meeting.State.HELD)
        cancelled = factory.Trait(state=Meeting.State.CANCELLED)

    body = factory.SubFactory(BodyFactory)
    starts_at = berlin(2009, 3, 10)
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + dt.timedelta(hours=2))
    place = "Rathaus"
    is_public = True


class AgendaItemFactory(Factory):
    class Meta:
        model = AgendaItem

    meeting = factory.SubFactory(MeetingFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Tagesordnungspunkt {n}")


class StandingItemFactory(Factory):
    class Meta:
        model = StandingItem

    body = factory.SubFactory(BodyFactory)
    title = factory.Sequence(lambda n: f"Ständiger Punkt {n}")


class AttendanceFactory(Factory):
    """A member on the list of a meeting; `invited` by trait."""

    class Meta:
        model = Attendance

    class Params:
        invited = factory.Trait(invited_at=berlin(2009, 2, 20))

    meeting = factory.SubFactory(MeetingFactory)
    person = factory.SubFactory(PersonFactory)


class GuestFactory(Factory):
    class Meta:
        model = Guest

    meeting = factory.SubFactory(MeetingFactory)
    name = factory.Sequence(lambda n: f"Gast {n}")


class MinutesFactory(Factory):
    """A draft; `published` by trait. What is published and public has a public version with the text alone."""

    class Meta:
        model = Minutes

    class Params:
        published = factory.Trait(state=Minutes.State.PUBLISHED, published_at=berlin(2009, 3, 24, 9))

    meeting = factory.SubFactory(MeetingFactory, held=True)
    text = "Die Gruppe hat beraten."
    public_content = factory.LazyAttribute(
        lambda row: (
            {"text": row.text, "items": [], "hidden": 0, "present": {"named": [], "others": 0}}
            if row.state == Minutes.State.PUBLISHED and row.meeting.is_public
            else {}
        )
    )


class MinutesEntryFactory(Factory):
    """What the minutes of the agenda item's meeting say about it."""

    class Meta:
        model = MinutesEntry

    minutes = factory.SubFactory(MinutesFactory)
    agenda_item = factory.LazyAttribute(lambda row: AgendaItemFactory(meeting=row.minutes.meeting))
    text = "<p>Darüber wurde gesprochen.</p>"


class TaskFactory(Factory):
    class Meta:
        model = Task

    body = factory.SubFactory(BodyFactory)
    title = factory.Sequence(lambda n: f"Arbeitsauftrag {n}")
    due_on = dt.date(2009, 6, 30)


class DocumentFactory(Factory):
    """A public text file; `content` is what is in it."""

    class Meta:
        model = Document

    class Params:
        content = b"Ein Text."

    title = factory.Sequence(lambda n: f"Dokument {n}")
    filename = factory.Sequence(lambda n: f"dokument-{n}.txt")
    file = factory.LazyAttribute(lambda row: ContentFile(row.content, name=row.filename))
    content_type = "text/plain"
    size = factory.LazyAttribute(lambda row: len(row.content))
    sha256 = factory.LazyAttribute(lambda row: hashlib.sha256(row.content).hexdigest())
    is_public = True
    added_at = berlin(2009, 3, 1)


class BarrierReportFactory(Factory):
    class Meta:
        model = BarrierReport

    text = "Der Knopf zum Mitmachen ist mit der Tastatur nicht zu erreichen."
    address = "http://testserver/mitmachen/"
    reported_at = berlin(2026, 3, 2)


class JobRunFactory(Factory):
    class Meta:
        model = JobRun

    kind = "report"
    key = factory.Sequence(lambda n: f"auftrag-{n}")
    title = factory.Sequence(lambda n: f"Auftrag {n}")
    created_at = berlin(2009, 3, 1)
    heartbeat_at = factory.SelfAttribute("created_at")


# ── recommendations and declarations ────────────────────────────────────────────────────────────────────


class RecommendationFactory(Factory):
    """Presented, hence public; `drafted` by trait."""

    class Meta:
        model = Recommendation

    class Params:
        drafted = factory.Trait(state=Recommendation.State.DRAFTED)

    number = factory.Sequence(lambda n: f"E-2009-{n + 1:03}")
    title = factory.Sequence(lambda n: f"Empfehlung {n}")
    slug = factory.Sequence(lambda n: f"empfehlung-{n}")
    wording = "Die Gruppe empfiehlt, gemeinsam zu handeln."
    body = factory.SubFactory(BodyFactory)
    field = factory.SubFactory(FieldOfActionFactory)
    state = Recommendation.State.PRESENTED
    date = dt.date(2009, 1, 27)
    strands = many("strands")


class AddresseeFactory(Factory):
    """An institution; a body with `organization=None, body=...`."""

    class Meta:
        model = Addressee

    recommendation = factory.SubFactory(RecommendationFactory)
    organization = factory.SubFactory(OrganizationFactory)


class DeclarationFactory(Factory):
    class Meta:
        model = Declaration

    title = factory.Sequence(lambda n: f"Erklärung {n}")
    slug = factory.Sequence(lambda n: f"erklaerung-{n}")
    text = "Wir wollen gemeinsam handeln."
    process = factory.SubFactory(ProcessFactory)
    adopted_on = dt.date(2008, 12, 18)


class SignatureFactory(Factory):
    class Meta:
        model = Signature

    class Params:
        requested = factory.Trait(
            state=Signature.State.REQUESTED, signed_on=None, requested_at=berlin(2009, 2, 1), message="Wir sind dabei."
        )

    declaration = factory.SubFactory(DeclarationFactory)
    organization = factory.SubFactory(OrganizationFactory)
    signed_on = dt.date(2008, 12, 18)


# ── conferences ─────────────────────────────────────────────────────────────────────────────────────────


class ConferenceFactory(Factory):
    """An annual conference; each further one a year later, because there is one a year."""

    class Meta:
        model = Conference

    class Params:
        year = factory.Sequence(lambda n: 2009 + n)

    title = factory.LazyAttribute(lambda row: f"Jahreskonferenz {row.date.year}")
    slug = factory.LazyAttribute(lambda row: f"{row.date.year}-{row.kind}")
    kind = Conference.Kind.ANNUAL
    date = factory.LazyAttribute(lambda row: dt.date(row.year, 1, 27))
    place = "Hansesaal"
    process = factory.SubFactory(ProcessFactory)
    declarations = many("declarations")


class ProgrammeItemFactory(Factory):
    class Meta:
        model = ProgrammeItem

    conference = factory.SubFactory(ConferenceFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Programmpunkt {n}")


class DebateFactory(Factory):
    class Meta:
        model = Debate

    conference = factory.SubFactory(ConferenceFactory)
    recommendation = factory.SubFactory(RecommendationFactory)


# ── the council side ────────────────────────────────────────────────────────────────────────────────────


class GuidelineFactory(Factory):
    class Meta:
        model = Guideline

    field = factory.SubFactory(FieldOfActionFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Leitlinie {n}")
    text = "Was die Stadt in diesem Feld will."


class GoalFactory(Factory):
    class Meta:
        model = Goal

    field = factory.SubFactory(FieldOfActionFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Ziel {n}")
    strands = many("strands")


class ResolutionFactory(Factory):
    class Meta:
        model = Resolution

    title = factory.Sequence(lambda n: f"Ratsbeschluss {n}")
    slug = factory.Sequence(lambda n: f"ratsbeschluss-{n}")
    adopted_on = dt.date(2008, 10, 30)
    summary = "Der Rat beschließt."
    process = factory.SubFactory(ProcessFactory)


class ResolutionPointFactory(Factory):
    class Meta:
        model = ResolutionPoint

    resolution = factory.SubFactory(ResolutionFactory)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Beschlusspunkt {n}")
    text = "Die Verwaltung handelt."
    addressee = ResolutionPoint.Addressee.ADMINISTRATION


class MeasureFactory(Factory):
    """A measure in progress; `proposed`, `done`, `stopped` by trait."""

    class Meta:
        model = Measure

    class Params:
        proposed = factory.Trait(state=Measure.State.PROPOSED, progress=0)
        decided = factory.Trait(state=Measure.State.DECIDED, progress=0)
        done = factory.Trait(state=Measure.State.DONE, progress=100)
        stopped = factory.Trait(state=Measure.State.STOPPED, stop_reason="Das Geld fehlt.")

    number = factory.Sequence(lambda n: f"M-2009-{n + 1:03}")
    title = factory.Sequence(lambda n: f"Maßnahme {n}")
    slug = factory.Sequence(lambda n: f"massnahme-{n}")
    summary = "Was getan wird."
    field = factory.SubFactory(FieldOfActionFactory)
    lead = factory.SubFactory(OrganizationFactory)
    state = Measure.State.IN_PROGRESS
    progress = 40
    starts_on = dt.date(2009, 1, 1)
    last_news_on = dt.date(2009, 2, 1)
    partners = many("partners")
    contacts = many("contacts")
    strands = many("strands")
    districts = many("districts")
    guidelines = many("guidelines")
    recommended_by = many("recommended_by")
    decided_in = many("decided_in")


class ProgressUpdateFactory(Factory):
    """News of a measure, each further one a day later."""

    class Meta:
        model = ProgressUpdate

    measure = factory.SubFactory(MeasureFactory)
    date = factory.Sequence(lambda n: dt.date(2009, 2, 1) + dt.timedelta(days=n))
    status = Measure.State.IN_PROGRESS
    progress = 40
    text = "Es geht voran."


class AttachmentFactory(Factory):
    """A document of a measure that everyone may read."""

    class Meta:
        model = Attachment

    measure = factory.SubFactory(MeasureFactory)
    document = factory.SubFactory(DocumentFactory, is_public=True)


class QuestionFactory(Factory):
    """A confirmed question to the lead; `answered` and `published` by trait."""

    class Meta:
        model = Question

    class Params:
        forwarded = factory.Trait(state=Question.State.FORWARDED, forwarded_at=berlin(2026, 11, 2))
        answered = factory.Trait(state=Question.State.ANSWERED, answer="Im Frühjahr.", answered_at=berlin(2026, 11, 3))
        published = factory.Trait(answered=True, published_at=berlin(2026, 11, 4))

    measure = factory.SubFactory(MeasureFactory)
    state = Question.State.RECEIVED
    name = "Frieda Frage"
    email = "frieda@example.com"
    text = "Wann geht es los?"
    asked_at = berlin(2026, 11, 1)


class MeasureMilestoneFactory(Factory):
    class Meta:
        model = MeasureMilestone

    measure = factory.SubFactory(MeasureFactory)
    position = factory.Sequence(lambda n: n + 1)
    name = factory.Sequence(lambda n: f"Schritt {n}")


class IndicatorFactory(Factory):
    class Meta:
        model = Indicator

    name = factory.Sequence(lambda n: f"Kennzahl {n}")
    slug = factory.Sequence(lambda n: f"kennzahl-{n}")
    unit = "Prozent"
    measures = many("measures")


class IndicatorValueFactory(Factory):
    class Meta:
        model = IndicatorValue

    indicator = factory.SubFactory(IndicatorFactory)
    year = factory.Sequence(lambda n: 2009 + n)
    value = 25


class CooperationAgreementFactory(Factory):
    class Meta:
        model = CooperationAgreement

    title = factory.Sequence(lambda n: f"Vereinbarung {n}")
    slug = factory.Sequence(lambda n: f"vereinbarung-{n}")
    text = "Wir lesen gemeinsam vor."
    field = factory.SubFactory(FieldOfActionFactory)
    process = factory.SubFactory(ProcessFactory)
    concluded_on = dt.date(2008, 9, 15)
    parties = many("parties")
    districts = many("districts")


class CouncilReportFactory(Factory):
    """A draft, each further one a year later; `published` by trait."""

    class Meta:
        model = CouncilReport

    class Params:
        published = factory.Trait(
            state=CouncilReport.State.HANDED_OVER,
            published_at=factory.LazyAttribute(lambda row: berlin(row.year, 11, 20)),
            document=factory.SubFactory(DocumentFactory),
        )

    year = factory.Sequence(lambda n: 2009 + n)
    period_start = factory.LazyAttribute(lambda row: dt.date(row.year - 1, 11, 1))
    cutoff = factory.LazyAttribute(lambda row: dt.date(row.year, 10, 31))


class GroupStatementFactory(Factory):
    class Meta:
        model = GroupStatement

    report = factory.SubFactory(CouncilReportFactory)
    body = factory.SubFactory(BodyFactory)
    position = GroupStatement.Position.AGREES
    decided_on = dt.date(2009, 11, 10)
