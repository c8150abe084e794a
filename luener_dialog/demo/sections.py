"""What the data files may contain: German name of a section → model, German name of a field → attribute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from conferences.models import Conference, ProgrammeItem
from dialog.models import (
    Addressee,
    Body,
    Declaration,
    District,
    FieldOfAction,
    Membership,
    Milestone,
    Organization,
    Person,
    Phase,
    Principle,
    Process,
    Recommendation,
    Seat,
    Strand,
    Synonyms,
)
from measures.models import (
    CooperationAgreement,
    Goal,
    Guideline,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureMilestone,
    Resolution,
    ResolutionPoint,
)


@dataclass(frozen=True)
class Section:
    """One kind of entry.

    A date that is not known to the day needs a model with `date_precision`; `fuzzy` names the attributes it is for.
    """

    name: str
    model: type[Model]
    #: German name of a field → attribute. What kind of value it is, and whether it must be there, the model knows.
    fields: Mapping[str, str]
    #: Attributes set when the row is created and left alone later, because the portal carries them on.
    once: frozenset[str] = frozenset()
    #: Sections inside an entry; `within` of each names the attribute that points to the entry.
    parts: tuple["Section", ...] = ()
    #: For a part: the attribute that points to the entry around it. Else: within what positions count.
    within: str = ""
    #: Whether `position` follows from the order in the file.
    ordered: bool = False
    #: Entries are plain texts, and this is the attribute they fill.
    plain: str = ""
    #: Rows whose entry is gone from the files stay, because the portal may have built on them (outer ones always do).
    kept: bool = False
    #: Entries have no key: rows are compared by their values.
    keyless: bool = False
    fuzzy: frozenset[str] = field(default=frozenset({"starts_on", "ends_on", "date", "due_on", "concluded_on"}))
    #: The attribute with the day from which the row's history runs (of the row around it: `resolution.adopted_on`);
    #: else it is the day of loading.
    dated_by: str = ""
    #: Attributes that follow from the others.
    derive: Callable[[dict[str, Any]], dict[str, Any]] | None = None


#: Whom the seats are for that the brochure names on p. 15.
SEAT_KINDS = {
    "Verwaltungsvorstand": Seat.Kind.ADMINISTRATION,
    "Mitglieder des Rates": Seat.Kind.COUNCIL,
    "Vertretungen der Arbeitsgruppen": Seat.Kind.WORKING_GROUP,
    "Vorsitz des Migrationsrates": Seat.Kind.ADVISORY_COUNCIL,
    "Gleichstellungsbeauftragte": Seat.Kind.EQUAL_OPPORTUNITIES,
    "Fachliche Begleitungen der Arbeitsgruppen": Seat.Kind.WORKING_GROUP,
    "Vertretung aus dem Büro des Bürgermeisters": Seat.Kind.ADMINISTRATION,
    "Vertretung des Verwaltungsvorstands": Seat.Kind.ADMINISTRATION,
    "Vertretungen kommunalpolitischer Gremien": Seat.Kind.COUNCIL,
    "Vertretungen des Migrationsrates und der Migrantenorganisationen": Seat.Kind.ADVISORY_COUNCIL,
}


ADDRESSEES = Section(
    "gerichtet_an",
    Addressee,
    {"gremium": "body", "institution": "organization"},
    within="recommendation",
    keyless=True,
)
MEASURE_MILESTONE = {"name": "name", "geplant_für": "due_on", "genauigkeit": "date_precision"}
PROGRAMME = Section(
    "programm",
    ProgrammeItem,
    {"titel": "title", "beginn": "starts_at", "text": "text", "gremium": "body"},
    within="conference",
    ordered=True,
)
CONFERENCE = {
    "titel": "title",
    "art": "kind",
    "datum": "date",
    "beginn": "starts_at",
    "ort": "place",
    "worum": "summary",
    "prozess": "process",
    "erklärungen": "declarations",
}
ORGANIZATIONS = Section(
    "institutionen",
    Organization,
    {
        "name": "name",
        "kurzname": "short_name",
        "art": "kind",
        "gehört_zu": "part_of",
        "telefon": "phone",
        "e_mail": "public_email",
        "internetseite": "website",
    },
)
INDICATORS = Section(
    "kennzahlen",
    Indicator,
    {
        "name": "name",
        "einheit": "unit",
        "text": "text",
        "handlungsfeld": "field",
        "maßnahmen": "measures",
        "zielwert": "target",
        "zieljahr": "target_year",
    },
    parts=(
        Section(
            "werte",
            IndicatorValue,
            {"jahr": "year", "wert": "value", "genauigkeit": "qualifier"},
            within="indicator",
        ),
    ),
)

RECORD = (
    Section("dialogstränge", Strand, {"kürzel": "code", "name": "name"}, ordered=True),
    Section(
        "handlungsfelder",
        FieldOfAction,
        {"name": "name", "farbe": "accent", "worum": "summary"},
        ordered=True,
    ),
    Section("ortsteile", District, {"name": "name", "breite": "latitude", "länge": "longitude"}),
    Section("gleichbedeutend", Synonyms, {"wörter": "words"}, once=frozenset({"words"})),
    ORGANIZATIONS,
    Section(
        "prozesse",
        Process,
        {
            "name": "name",
            "worum": "summary",
            "ziele": "aims",
            "förderung": "funding",
            "beginn": "starts_on",
            "ende": "ends_on",
            "ging_auf_in": "successor",
            "stränge": "strands",
        },
        parts=(
            Section(
                "phasen",
                Phase,
                {"name": "name", "text": "text", "beginn": "starts_on", "ende": "ends_on"},
                within="process",
            ),
            Section(
                "meilensteine",
                Milestone,
                {
                    "name": "name",
                    "art": "kind",
                    "text": "text",
                    "datum": "date",
                    "genauigkeit": "date_precision",
                },
                within="process",
            ),
            Section(
                "grundsätze",
                Principle,
                {"titel": "title", "text": "text"},
                within="process",
                ordered=True,
            ),
        ),
    ),
    Section("personen", Person, {"name": "name", "amt": "office", "name_durch_amt_öffentlich": "office_public"}),
    Section(
        "gremien",
        Body,
        {
            "name": "name",
            "art": "kind",
            "aufgabe": "task",
            "beschreibung": "description",
            "prozess": "process",
            "handlungsfelder": "fields",
            "stränge": "strands",
            "arbeitet_seit": "founded_on",
            "arbeitete_bis": "ended_on",
            "nimmt_mitglieder_auf": "is_open",
            "anmerkung": "note",
        },
        once=frozenset({"is_open"}),
        ordered=True,
        parts=(
            Section(
                "zusammensetzung",
                Seat,
                {},
                within="body",
                ordered=True,
                plain="name",
                derive=lambda values: {"kind": SEAT_KINDS.get(values["name"], Seat.Kind.OTHER)},
            ),
            Section(
                "mitglieder",
                Membership,
                {
                    "person": "person",
                    "institution": "organization",
                    "rolle": "role",
                    "stand": "state",
                    "seit": "starts_on",
                    "name_darf_genannt_werden": "name_public",
                },
                once=frozenset({"state"}),
                within="body",
                kept=True,
            ),
        ),
    ),
    Section(
        "leitlinien",
        Guideline,
        {"handlungsfeld": "field", "titel": "title", "text": "text"},
        within="field",
        ordered=True,
    ),
    Section(
        "ziele",
        Goal,
        {"handlungsfeld": "field", "titel": "title", "text": "text", "stränge": "strands"},
        within="field",
        ordered=True,
    ),
    Section(
        "beschlüsse",
        Resolution,
        {
            "titel": "title",
            "beschlossen_am": "adopted_on",
            "vorlage": "paper_number",
            "worum": "summary",
            "prozess": "process",
        },
        parts=(
            Section(
                "punkte",
                ResolutionPoint,
                {
                    "titel": "title",
                    "text": "text",
                    "gerichtet_an": "addressee",
                    "in_abstimmung_mit": "together_with",
                    "zuständig": "responsible",
                    "stand": "state",
                    "erledigt_am": "done_on",
                    "bemerkung": "note",
                },
                once=frozenset({"state", "done_on", "note"}),
                within="resolution",
                ordered=True,
                kept=True,
            ),
        ),
    ),
    Section(
        "empfehlungen",
        Recommendation,
        {
            "nummer": "number",
            "titel": "title",
            "wortlaut": "wording",
            "gremium": "body",
            "handlungsfeld": "field",
            "stränge": "strands",
            "datum": "date",
            "genauigkeit": "date_precision",
            "stand": "state",
            "was_daraus_wurde": "outcome",
        },
        once=frozenset({"state", "outcome"}),
        parts=(ADDRESSEES,),
    ),
    Section(
        "maßnahmen",
        Measure,
        {
            "nummer": "number",
            "titel": "title",
            "art": "kind",
            "kurz": "summary",
            "beschreibung": "description",
            "warum": "reason",
            "für_wen": "audience",
            "handlungsfeld": "field",
            "ziel": "goal",
            "federführung": "lead",
            "beteiligte": "partners",
            "stränge": "strands",
            "ortsteile": "districts",
            "ort": "place",
            "breite": "latitude",
            "länge": "longitude",
            "leitlinien": "guidelines",
            "empfohlen_in": "recommended_by",
            "beschlossen_in": "decided_in",
            "förderung": "funding",
            "stand": "state",
            "fortschritt": "progress",
            "beginn": "starts_on",
            "ende": "ends_on",
            "letzte_neuigkeit": "last_news_on",
        },
        once=frozenset({"state", "progress", "last_news_on"}),
        parts=(
            Section("meilensteine", MeasureMilestone, MEASURE_MILESTONE, within="measure", ordered=True, kept=True),
        ),
    ),
    Section(
        "vereinbarungen",
        CooperationAgreement,
        {
            "titel": "title",
            "text": "text",
            "beteiligte": "parties",
            "beteiligte_allgemein": "parties_text",
            "ortsteile": "districts",
            "handlungsfeld": "field",
            "prozess": "process",
            "maßnahme": "measure",
            "geschlossen": "concluded_on",
            "beendet_am": "ended_on",
        },
    ),
    Section(
        "erklärungen",
        Declaration,
        {"titel": "title", "text": "text", "prozess": "process", "verabschiedet_am": "adopted_on"},
    ),
    Section("konferenzen", Conference, CONFERENCE, parts=(PROGRAMME,)),
    INDICATORS,
)
