"""Mails about the report. What somebody has been written for is remembered, and they are not written for it again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from dialog.models import Body, MailPreference, Membership, Person
from dialog.services import mails
from measures.models import CouncilReport, Measure, ReportEdition, ReportMail
from measures.services import statements

#: So long before a deadline those who have not answered are reminded, once; of an approval so long after the asking.
REMINDED = dt.timedelta(days=7)

TASKS = MailPreference.Category.TASKS


def tell_once(
    report: CouncilReport,
    subject: str,
    name: str,
    people: Iterable[Person],
    *,
    at: dt.datetime,
    category: str = mails.ALWAYS,
    **context: Any,
) -> int:
    """Sends the mail `name` to those of `people` who have not had one on `subject`; returns how many got it."""
    told = 0
    for person in people:
        if not person.mail_address:
            continue
        with transaction.atomic():
            _mail, is_new = ReportMail.objects.get_or_create(
                report=report, person=person, subject=subject, defaults={"at": at}
            )
            if is_new:
                told += mails.send(name, [person], category=category, report=report, **context)
    return told


def ask_for_updates(report: CouncilReport, *, at: dt.datetime) -> int:
    """One mail to each contact of a lead, with all their unfinished measures."""
    return sum(
        tell_once(report, "updates", "report_updates", [person], at=at, category=TASKS, measures=rows)
        for person, rows in _contacts(Measure.objects.filter(state__in=Measure.UNFINISHED)).items()
    )


def remind_of_updates(report: CouncilReport, *, at: dt.datetime) -> int:
    """Once more to those who were asked, for the measures that nothing was heard of since."""
    told = 0
    asked = dict(ReportMail.objects.filter(report=report, subject="updates").values_list("person_id", "at"))
    for person, rows in _contacts(Measure.objects.filter(state__in=Measure.UNFINISHED)).items():
        if person.pk not in asked:
            continue
        since = timezone.localdate(asked[person.pk])
        if still := [measure for measure in rows if measure.last_news_on < since]:
            told += tell_once(
                report, "updates_reminder", "report_updates_reminder", [person], at=at, category=TASKS, measures=still
            )
    return told


def ask_for_statements(report: CouncilReport, *, at: dt.datetime) -> int:
    """To chair and deputies of each group consulted."""
    return _to_the_leads(report, statements.consulted(report), "statement", "report_statement", at=at)


def remind_of_statements(report: CouncilReport, *, at: dt.datetime) -> int:
    """To the leads of the groups that are silent still."""
    return _to_the_leads(report, statements.silent(report), "statement_reminder", "report_statement_reminder", at=at)


def tell_consultation_is_over(report: CouncilReport, *, at: dt.datetime) -> int:
    """To the planning group: the report can be frozen."""
    subject = f"consultation_over:{report.consultation_until}"
    people = _members(Body.objects.filter(kind=Body.Kind.PLANNING_GROUP))
    silent = statements.silent(report)
    return tell_once(report, subject, "report_consultation_over", people, at=at, category=TASKS, silent=silent)


def ask_for_approval(edition: ReportEdition, *, at: dt.datetime) -> int:
    """To the leads of the steering group: an edition waits for their approval."""
    people = _leads(Body.objects.filter(kind=Body.Kind.STEERING_GROUP))
    subject = f"approval:{edition.number}"
    return tell_once(edition.report, subject, "report_approval", people, at=at, edition=edition)


def remind_of_approval(edition: ReportEdition, *, at: dt.datetime) -> int:
    """To the leads of the steering group: an edition waits for their approval still."""
    people = _leads(Body.objects.filter(kind=Body.Kind.STEERING_GROUP))
    subject = f"approval_reminder:{edition.number}"
    return tell_once(edition.report, subject, "report_approval_reminder", people, at=at, edition=edition)


def tell_the_council(edition: ReportEdition, *, at: dt.datetime) -> int:
    """To the members of the council: the edition as PDF, and where it stands as a page."""
    with edition.document.file.open("rb") as file:
        paper = mails.Attachment(edition.document.filename, file.read(), edition.document.content_type)
    return tell_once(
        edition.report,
        f"council:{edition.number}",
        "report_council",
        _members(Body.objects.filter(kind=Body.Kind.COUNCIL)),
        at=at,
        edition=edition,
        attachments=[paper],
    )


def _to_the_leads(report: CouncilReport, bodies: Iterable[Body], subject: str, name: str, *, at: dt.datetime) -> int:
    return sum(
        tell_once(
            report,
            # A consultation that is held again, with another deadline, is another thing.
            f"{subject}:{body.pk}:{report.consultation_until}",
            name,
            _leads(Body.objects.filter(pk=body.pk)),
            at=at,
            body=body,
        )
        for body in bodies
    )


def _members(bodies: Any) -> list[Person]:
    rows = Membership.objects.active().filter(body__in=bodies).select_related("person__user").order_by("pk")
    return list({row.person_id: row.person for row in rows}.values())


def _leads(bodies: Any) -> list[Person]:
    rows = Membership.objects.active().filter(body__in=bodies, role__in=[Membership.Role.CHAIR, Membership.Role.DEPUTY])
    return [row.person for row in rows.select_related("person__user").order_by("pk")]


def _contacts(measures: Any) -> dict[Person, list[Measure]]:
    """The measures of each contact."""
    found: dict[Person, list[Measure]] = defaultdict(list)
    for measure in measures.order_by("number").prefetch_related("contacts__user"):
        for person in measure.contacts.all():
            found[person].append(measure)
    return found
