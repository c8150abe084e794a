"""The columns of the council side's tables, each written and read in one way.

Who is meant by name (an institution, a field, a point of a resolution) is found by that name, which everyone who
fills in a table can see in the portal. Contact persons are not among the columns: whoever may update a measure is
chosen in the workspace, not in a file that goes from hand to hand.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources

from dialog.models import (
    Addressee,
    Body,
    DatePrecision,
    District,
    FieldOfAction,
    Organization,
    Process,
    Recommendation,
    Strand,
    User,
)
from dialog.services.tables import GermanDate, SafeText, Word
from measures.models import (
    Goal,
    Guideline,
    Indicator,
    IndicatorValue,
    Measure,
    ProgressUpdate,
    Resolution,
    ResolutionPoint,
    TableImport,
)
from measures.models.measures import Interval

Kind = TableImport.Kind


class Day(GermanDate):
    """A day, or nothing."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return None if value in (None, "") else super().clean(value)


class Whole(SafeText):
    """A whole number."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = super().clean(value).removesuffix(".0")
        if not text.isdecimal() or len(text) > 9:
            raise ValueError(_("Keine ganze Zahl: „%(value)s“.") % {"value": text[:40]})
        return int(text)


class Number(SafeText):
    """A number with so many decimals, with comma or point; a minus is no formula. Empty only if `optional`."""

    def __init__(self, places: int = 2, *, optional: bool = False) -> None:
        super().__init__()
        self.places, self.optional = places, optional

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else f"{Decimal(value):.{self.places}f}".replace(".", ",")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = str(value if value is not None else "").strip()
        if not text and self.optional:
            return None
        if "," in text:
            text = text.replace(".", "").replace(",", ".")
        try:
            number = Decimal(text)
            if not number.is_finite() or abs(number) >= 10**12:
                raise InvalidOperation
            return number.quantize(Decimal(1).scaleb(-self.places))
        except InvalidOperation:
            raise ValueError(_("Keine Zahl: „%(value)s“.") % {"value": text[:40]}) from None


class Named(SafeText):
    """Another row, by a name of its own; read once for a whole file."""

    def __init__(self, rows: Callable[[], models.QuerySet], name: str | Callable[[Any], str]) -> None:
        super().__init__()
        self.rows = rows
        self.name: Callable[[Any], Any] = attrgetter(name) if isinstance(name, str) else name
        self.known: dict[str, list[Any]] | None = None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return super().render(self.name(value)) if value else ""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        word = super().clean(value)
        return self.find(word) if word else None

    def find(self, word: str) -> Any:
        """The row that is called `word`. ValueError if there is none or more than one."""
        if self.known is None:
            self.known = {}
            for row in self.rows():
                self.known.setdefault(str(self.name(row)).casefold(), []).append(row)
        found = self.known.get(word.casefold(), [])
        if not found:
            raise ValueError(_("Nicht gefunden: „%(word)s“.") % {"word": word[:80]})
        if len(found) > 1:
            raise ValueError(_("„%(word)s“ gibt es mehrmals; hier ist nicht klar, was gemeint ist.") % {"word": word})
        return found[0]


#: Between several names in one cell. No comma or semicolon: institutions have these in their names.
BETWEEN = " | "


class Several(Named):
    """Several rows, by their names, in the order of the alphabet."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        rows = value.all() if hasattr(value, "all") else value or ()
        return SafeText.render(self, BETWEEN.join(sorted(str(self.name(row)) for row in rows)))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        words = [word.strip() for word in SafeText.clean(self, value).split(BETWEEN.strip())]
        found = {row.pk: row for row in (self.find(word) for word in words if word)}
        return list(found.values())


def column(name: str, title: Any, widget: Any = None) -> fields.Field:
    """A column that shows the attribute `name`."""
    return fields.Field(name, column_name=str(title), widget=widget or SafeText())


class Addressed(fields.Field):
    """The addressees of a recommendation of one kind: `body` or `organization`."""

    def __init__(self, kind: str, title: Any, rows: Callable[[], models.QuerySet]) -> None:
        super().__init__(kind, column_name=str(title), widget=Several(rows, "name"))

    def get_value(self, instance: Any, **kwargs: Any) -> list[Any]:
        named: Iterable[Addressee] = instance.addressees.all()
        return [row for row in (getattr(addressee, str(self.attribute)) for addressee in named) if row]


YES_NO = ((True, gettext_lazy("ja")), (False, gettext_lazy("nein")))


def _fields_of_action() -> models.QuerySet:
    return FieldOfAction.objects.all()


def _organizations() -> models.QuerySet:
    return Organization.objects.all()


def _points() -> models.QuerySet:
    return ResolutionPoint.objects.select_related("resolution")


def _point_name(point: ResolutionPoint) -> str:
    return f"{point.resolution.slug}/{point.position}"


class MeasureResource(resources.ModelResource):
    """Measures; their state moves by steps only."""

    number = column("number", gettext_lazy("Nummer"))
    title = column("title", gettext_lazy("Titel"))
    kind = column("kind", gettext_lazy("Art"), Word(Measure.Kind.choices))
    summary = column("summary", gettext_lazy("Kurz gesagt"))
    description = column("description", gettext_lazy("Beschreibung"))
    reason = column("reason", gettext_lazy("Warum"))
    audience = column("audience", gettext_lazy("Für wen"))
    field = column("field", gettext_lazy("Handlungsfeld"), Named(_fields_of_action, "name"))
    goal = column("goal", gettext_lazy("Ziel"), Named(Goal.objects.all, "title"))
    lead = column("lead", gettext_lazy("Federführung"), Named(_organizations, "name"))
    partners = column("partners", gettext_lazy("Beteiligte"), Several(_organizations, "name"))
    strands = column("strands", gettext_lazy("Dialogstränge"), Several(Strand.objects.all, "name"))
    districts = column("districts", gettext_lazy("Ortsteile"), Several(District.objects.all, "name"))
    place = column("place", gettext_lazy("Ort"))
    latitude = column("latitude", gettext_lazy("Breite"), Number(6, optional=True))
    longitude = column("longitude", gettext_lazy("Länge"), Number(6, optional=True))
    guidelines = column("guidelines", gettext_lazy("Leitlinien"), Several(Guideline.objects.all, "title"))
    recommended_by = column(
        "recommended_by", gettext_lazy("Empfohlen in"), Several(Recommendation.objects.all, "number")
    )
    decided_in = column("decided_in", gettext_lazy("Beschlossen in"), Several(_points, _point_name))
    state = column("state", gettext_lazy("Stand"), Word(Measure.State.choices))
    progress = column("progress", gettext_lazy("Fortschritt"), Whole())
    starts_on = column("starts_on", gettext_lazy("Beginn"), Day())
    ends_on = column("ends_on", gettext_lazy("Ende"), Day())
    date_precision = column("date_precision", gettext_lazy("Genauigkeit"), Word(DatePrecision.choices))
    funding = column("funding", gettext_lazy("Förderung"))
    budget = column("budget", gettext_lazy("Geplante Kosten in Euro"), Number(optional=True))
    spent = column("spent", gettext_lazy("Bisher ausgegeben in Euro"), Number(optional=True))
    money_public = column("money_public", gettext_lazy("Kosten veröffentlichen"), Word(YES_NO))
    interval = column("interval", gettext_lazy("Berichtsabstand"), Word(Interval.choices))
    decided_by = column("decided_by", gettext_lazy("Entschieden durch"))
    stop_reason = column("stop_reason", gettext_lazy("Warum eingestellt"))
    merged_into = column("merged_into", gettext_lazy("Aufgegangen in"), Named(Measure.objects.all, "number"))

    class Meta:
        model = Measure
        fields = (
            *(
                "number",
                "title",
                "kind",
                "summary",
                "description",
                "reason",
                "audience",
                "field",
                "goal",
                "lead",
                "partners",
                "strands",
            ),
            *("districts", "place", "latitude", "longitude", "guidelines", "recommended_by", "decided_in"),
            *("state", "progress", "starts_on", "ends_on", "date_precision", "funding", "budget", "spent"),
            *("money_public", "interval", "decided_by", "stop_reason", "merged_into"),
        )


class UpdateResource(resources.ModelResource):
    """News of measures, as they were published."""

    measure = column("measure", gettext_lazy("Maßnahme"), Named(Measure.objects.all, "number"))
    date = column("date", gettext_lazy("Vom"), GermanDate())
    status = column("status", gettext_lazy("Stand"), Word(Measure.State.choices))
    progress = column("progress", gettext_lazy("Fortschritt"), Whole())
    text = column("text", gettext_lazy("Was geschehen ist"))
    outlook = column("outlook", gettext_lazy("Ausblick"))

    class Meta:
        model = ProgressUpdate
        fields = ("measure", "date", "status", "progress", "text", "outlook")


class ValueResource(resources.ModelResource):
    """Values of indicators, one a year."""

    indicator = column("indicator", gettext_lazy("Kennzahl"), Named(Indicator.objects.all, "name"))
    year = column("year", gettext_lazy("Jahr"), Whole())
    value = column("value", gettext_lazy("Wert"), Number())
    qualifier = column("qualifier", gettext_lazy("Genauigkeit"), Word(IndicatorValue.Qualifier.choices))
    source = column("source", gettext_lazy("Quelle"))

    class Meta:
        model = IndicatorValue
        fields = ("indicator", "year", "value", "qualifier", "source")


class RecommendationResource(resources.ModelResource):
    """Recommendations; their state moves by steps only."""

    number = column("number", gettext_lazy("Nummer"))
    title = column("title", gettext_lazy("Titel"))
    wording = column("wording", gettext_lazy("Wortlaut"))
    body = column("body", gettext_lazy("Empfohlen von"), Named(Body.objects.all, "name"))
    field = column("field", gettext_lazy("Handlungsfeld"), Named(_fields_of_action, "name"))
    strands = column("strands", gettext_lazy("Dialogstränge"), Several(Strand.objects.all, "name"))
    bodies = Addressed("body", gettext_lazy("Gerichtet an Gremien"), Body.objects.all)
    organizations = Addressed("organization", gettext_lazy("Gerichtet an Institutionen"), _organizations)
    state = column("state", gettext_lazy("Stand"), Word(Recommendation.State.choices))
    date = column("date", gettext_lazy("Vom"), GermanDate())
    date_precision = column("date_precision", gettext_lazy("Genauigkeit"), Word(DatePrecision.choices))
    outcome = column("outcome", gettext_lazy("Was daraus wurde"))

    class Meta:
        model = Recommendation
        fields = (
            *("number", "title", "wording", "body", "field", "strands", "bodies", "organizations", "state", "date"),
            *("date_precision", "outcome"),
        )


class ResolutionResource(resources.ModelResource):
    """Resolutions; their points are a table of their own."""

    slug = column("slug", gettext_lazy("Adresse"))
    title = column("title", gettext_lazy("Titel"))
    adopted_on = column("adopted_on", gettext_lazy("Beschlossen am"), GermanDate())
    paper_number = column("paper_number", gettext_lazy("Vorlage"))
    vote = column("vote", gettext_lazy("Abstimmung"))
    summary = column("summary", gettext_lazy("Worum es geht"))
    process = column("process", gettext_lazy("Prozess"), Named(Process.objects.all, "name"))

    class Meta:
        model = Resolution
        fields = ("slug", "title", "adopted_on", "paper_number", "vote", "summary", "process")


class PointResource(resources.ModelResource):
    """The points of resolutions, one a row; the resolution is named by its address."""

    resolution = column("resolution", gettext_lazy("Beschluss"), Named(Resolution.objects.all, "slug"))
    position = column("position", gettext_lazy("Punkt"), Whole())
    title = column("title", gettext_lazy("Kurzfassung"))
    text = column("text", gettext_lazy("Inhalt"))
    addressee = column("addressee", gettext_lazy("Gerichtet an"), Word(ResolutionPoint.Addressee.choices))
    together_with = column("together_with", gettext_lazy("In Abstimmung mit"))
    responsible = column("responsible", gettext_lazy("Zuständig"), Named(_organizations, "name"))
    due_on = column("due_on", gettext_lazy("Zu erledigen bis"), Day())
    state = column("state", gettext_lazy("Stand"), Word(ResolutionPoint.State.choices))
    done_on = column("done_on", gettext_lazy("Erledigt am"), Day())
    next_review_on = column("next_review_on", gettext_lazy("Nächste Überprüfung"), Day())
    note = column("note", gettext_lazy("Bemerkung"))
    late_reason = column("late_reason", gettext_lazy("Warum es später wird"))

    class Meta:
        model = ResolutionPoint
        fields = (
            *("resolution", "position", "title", "text", "addressee", "together_with", "responsible", "due_on"),
            *("state", "done_on", "next_review_on", "note", "late_reason"),
        )


@dataclass(frozen=True)
class Table:
    """What a kind of file is about: its columns, by which of them a row is found, and what belongs to it."""

    resource: type[resources.ModelResource]
    key: tuple[str, ...]
    related: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    #: Columns that follow from a row's state: set when the row comes in, afterwards by steps alone.
    by_steps: tuple[str, ...] = ()
    #: Whether the portal gives a new row its key, which is empty in the file until then.
    gives_key: bool = False

    @property
    def model(self) -> type[models.Model]:
        return self.resource.Meta.model

    @property
    def columns(self) -> dict[str, fields.Field]:
        """The columns, with widgets of their own, because those remember what they have read."""
        made = self.resource()
        return {name: made.fields[name] for name in self.resource.Meta.fields}

    def rows(self, user: User) -> models.QuerySet:
        """All rows that `user` may read, with what their columns show."""
        rows: models.QuerySet = self.model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        return rows.select_related(*self.related).prefetch_related(*self.several).order_by(*self.key, "pk")


TABLES = {
    Kind.MEASURES: Table(
        MeasureResource,
        ("number",),
        ("field", "goal", "lead", "merged_into"),
        ("partners", "strands", "districts", "guidelines", "recommended_by", "decided_in__resolution"),
        by_steps=("state", "stop_reason", "merged_into"),
        gives_key=True,
    ),
    Kind.UPDATES: Table(UpdateResource, ("measure", "date"), ("measure",)),
    Kind.VALUES: Table(ValueResource, ("indicator", "year"), ("indicator",)),
    Kind.RECOMMENDATIONS: Table(
        RecommendationResource,
        ("number",),
        ("body", "field"),
        ("strands", "addressees__body", "addressees__organization"),
        by_steps=("state",),
        gives_key=True,
    ),
    Kind.RESOLUTIONS: Table(ResolutionResource, ("slug",), ("process",), gives_key=True),
    Kind.POINTS: Table(
        PointResource, ("resolution", "position"), ("resolution", "responsible"), by_steps=("state", "done_on")
    ),
}


def explain(kind: str) -> list[tuple[str, str]]:
    """Each column of a kind, and what stands in it."""
    table = TABLES[Kind(kind)]
    said = []
    for name, column_ in table.columns.items():
        text = _explain(column_.widget)
        if table.gives_key and name in table.key:
            text = _("Bleibt für neue Zeilen leer; das Portal vergibt sie.")
        elif name in table.by_steps:
            text = _("%(text)s. Gilt nur für neue Zeilen; später ändert es sich durch die Schritte im Portal.") % {
                "text": text
            }
        said.append((column_.column_name, text))
    return said


def _explain(widget: Any) -> str:
    if isinstance(widget, Word):
        return _("Eines von: %(words)s") % {"words": ", ".join(str(label) for _key, label in widget.choices)}
    if isinstance(widget, GermanDate):
        return _("Ein Tag, zum Beispiel 31.12.2009")
    if isinstance(widget, Whole):
        return _("Eine ganze Zahl")
    if isinstance(widget, Number):
        return _("Eine Zahl, zum Beispiel 1.250,50")
    if isinstance(widget, Several):
        return _("Namen, genau so geschrieben wie im Portal; mehrere mit | dazwischen")
    if isinstance(widget, Named):
        return _("Genau so geschrieben wie im Portal")
    return _("Text")
