"""Parts of a frozen report as PDFs of their own: a short version, one for each field of action and working group.

They are made of the edition's snapshot by the templates of the whole report, once, and kept.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from dialog.models import JobRun, User
from dialog.services import documents, jobs, pdf
from measures.models import ReportEdition, ReportPart
from measures.services import reports
from measures.services.report_content import all_measures, counted, said_of

Content = dict[str, Any]
Kind = ReportPart.Kind


@dataclass(frozen=True)
class Part:
    """What a part is called, and which of its kind it is."""

    kind: str
    slug: str
    title: str


def parts_of(content: Content) -> list[Part]:
    """The parts that a report with `content` has; none if nothing is in it."""
    if content["is_empty"]:
        return []
    return [
        Part(Kind.SHORT, "kurzfassung", _("Kurzfassung")),
        *(Part(Kind.FIELD, f"feld-{row['slug']}", row["name"]) for row in content["fields"]),
        *(Part(Kind.GROUP, f"gruppe-{row['slug']}", row["name"]) for row in content.get("groups", [])),
    ]


def content_of(content: Content, part: Part) -> Content:
    """What of `content` stands in `part`; the short version needs no more than the summary anyway."""
    if part.kind == Kind.FIELD:
        return _of_the_field(content, part.slug.removeprefix("feld-"))
    if part.kind == Kind.GROUP:
        return _of_the_group(content, part.slug.removeprefix("gruppe-"))
    return content


def _of_the_field(content: Content, slug: str) -> Content:
    (field,) = (row for row in content["fields"] if row["slug"] == slug)
    return {
        **content,
        "fields": [field],
        "recommendations": [row for row in content["recommendations"] if row["field"] == field["name"]],
        "indicators": [row for row in content["indicators"] if row["field"] == field["name"]],
        "outlook": _ahead(content, [field]),
        "statements": [],
        "silent_groups": [],
    }


def _of_the_group(content: Content, slug: str) -> Content:
    """The group's word and tasks, its recommendations and meetings, and the measures that concern it: those of its
    fields of action, and those that grew from its recommendations."""
    (group,) = (row for row in content["groups"] if row["slug"] == slug)
    recommendations = [row for row in content["recommendations"] if row["body"] == group["name"]]
    numbers = {measure["number"] for row in recommendations for measure in row["measures"]}
    fields = [field if field["slug"] in group["fields"] else _only(field, numbers) for field in content["fields"]]
    fields = [field for field in fields if field["total"]]
    return {
        **content,
        "fields": fields,
        "recommendations": recommendations,
        "indicators": [],
        "meetings": [row for row in content["meetings"] if row["body"] == group["name"]],
        "outlook": _ahead(content, fields),
        "statements": [row for row in content["statements"] if row["body"] == group["name"]],
        "silent_groups": [name for name in content["silent_groups"] if name == group["name"]],
    }


def _only(field: Content, numbers: set[str]) -> Content:
    """`field` with the measures of these numbers alone."""
    projects, measures = ([row for row in field[kind] if row["number"] in numbers] for kind in ("projects", "measures"))
    rows = [*projects, *measures]
    kept = {"projects": projects, "measures": measures, "total": len(rows), "counts": counted(rows)}
    return {**field, **kept, "guidelines": [], "goals": []}


def _ahead(content: Content, fields: list[Content]) -> list[Content]:
    """What is planned for the measures of `fields`."""
    numbers = {row["number"] for row in all_measures(fields)}
    return [row for row in content["outlook"] if row["measure"] and row["measure"]["number"] in numbers]


def render(edition: ReportEdition, part: Part) -> bytes:
    """The PDF of a part, from the edition's snapshot alone: the same bytes at any time. Raises `pdf.Broken`."""
    whole = reports.context(edition.snapshot, paper=True)
    context = {**whole, "content": content_of(whole["content"], part), "part": part, "edition": edition}
    context["whole"] = edition.get_absolute_url()
    title = _("%(part)s, Auszug aus: %(report)s") % {"part": part.title, "report": edition.snapshot["title"]}
    made = pdf.render("pdf/report_part.html", context, title=title, at=edition.frozen_at)
    said = [] if part.kind == Kind.SHORT else all_measures(context["content"]["fields"])
    pdf.check(made, texts=[part.title, *said_of(said)])
    return made


def start(edition: ReportEdition, *, by: User | None, at: dt.datetime) -> JobRun:
    """Has the worker make the parts of `edition`; a second call finds the open job."""
    names = {"year": edition.report.year, "number": edition.number}
    return jobs.start(
        "council_report_parts",
        key="council_report_parts:{year}:{number}".format(**names),
        title=_("Auszüge aus dem Jahresbericht %(year)d, Ausgabe %(number)d") % names,
        owner=by,
        parameters={"edition": edition.pk},
        at=at,
    )


def make(edition: ReportEdition, *, by: User | None, at: dt.datetime, run: jobs.Run | None = None) -> list[ReportPart]:
    """Makes the parts of `edition` that are missing, all or nothing; `run` is the job this is done for.

    Raises `pdf.Broken`; then no part of the edition is kept.
    """
    there = set(edition.parts.values_list("slug", flat=True))
    missing = [part for part in parts_of(edition.snapshot) if part.slug not in there]
    if run:
        run.plan(len(missing) + 1)
    made = []
    for part in missing:
        if run:
            run.step(part.title)
        made.append((part, render(edition, part)))
    if run:
        run.step(_("Die Auszüge werden abgelegt"))
    return _stored(edition, made, by=by, at=at, run=run)


def _stored(
    edition: ReportEdition, made: list[tuple[Part, bytes]], *, by: User | None, at: dt.datetime, run: jobs.Run | None
) -> list[ReportPart]:
    kept: list[ReportPart] = []
    try:
        with run.finishing(result_url=edition.get_absolute_url()) if run else transaction.atomic():
            # Locked, so that a part that comes while its edition is published is published too.
            current = ReportEdition.objects.select_for_update().get(pk=edition.pk)
            for part, content in made:
                document = documents.store(
                    content,
                    filename=f"bericht-{edition.report.year}-{part.slug}.pdf",
                    title=part.title,
                    content_type="application/pdf",
                    is_public=current.published_at is not None,
                    by=by,
                    at=at,
                )
                kept.append(ReportPart(edition=edition, kind=part.kind, slug=part.slug, title=part.title))
                kept[-1].document = document
                kept[-1].save()
    except BaseException:
        for row in kept:
            row.document.file.storage.delete(str(row.document.file.name))
        raise
    return kept
