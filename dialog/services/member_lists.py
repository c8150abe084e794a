"""Lists of members: written as CSV and XLSX, read again from the same columns, and mail to everyone on them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import tablib
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources

from dialog.models import (
    Body,
    GroupMail,
    JobRun,
    MailPreference,
    MemberImport,
    Membership,
    Organization,
    Person,
    Step,
    User,
)

from . import documents, jobs, mails, memberships, people, tables
from .tables import XLSX, Formula, GermanDate, SafeText, Word

MAX_ROWS = 10_000
#: Rows or mails between two looks at the progress.
BATCH = 200

# ── the columns ─────────────────────────────────────────────────────────────────────────────────────────


class MemberResource(resources.ModelResource):
    """The columns of a list of members, for both ways."""

    number = fields.Field("pk", column_name=str(_("Nr.")), widget=SafeText())
    name = fields.Field("person__name", column_name="Name", widget=SafeText())
    email = fields.Field("person__mail_address", column_name="E-Mail", widget=SafeText())
    role = fields.Field("role", column_name="Rolle", widget=Word(Membership.Role.choices))
    organization = fields.Field("organization__name", column_name="Institution", widget=SafeText())
    seat = fields.Field("seat__name", column_name="Sitz", widget=SafeText())
    starts_on = fields.Field("starts_on", column_name="Seit", widget=GermanDate())
    name_public = fields.Field(
        "name_public",
        column_name="Name öffentlich",
        widget=Word([(True, gettext_lazy("ja")), (False, gettext_lazy("nein"))]),
    )

    class Meta:
        model = Membership
        fields = ("number", "name", "email", "role", "organization", "seat", "starts_on", "name_public")
        export_order = fields


_FIELDS: dict[str, fields.Field] = {name: MemberResource.fields[name] for name in MemberResource.Meta.fields}
COLUMNS = [column.column_name for column in _FIELDS.values()]


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────


def members(body: Body, user: User, query: str = "") -> Any:
    """The active members of `body` that `user` may know, as lists show them, all or those that `query` finds.

    Who may not see mail addresses does not find by them. PermissionDenied.
    """
    if not user.has_perm("dialog.list_members", body):
        raise PermissionDenied
    rows = Membership.objects.visible_to(user).active().filter(body=body)
    for word in query.split():
        known = Q(person__name__icontains=word) | Q(organization__name__icontains=word)
        if user.has_perm("dialog.manage_people"):
            known |= Q(person__email__icontains=word) | Q(person__user__email__icontains=word)
        rows = rows.filter(known)
    return rows.select_related("person__user", "organization", "seat", "body").order_by("person__name", "pk")


def export(body: Body, kind: str, *, by: User) -> bytes:
    """The members as `csv` or `xlsx`; addresses only for the planning group. PermissionDenied, KeyError."""
    chosen = [name for name in _FIELDS if name != "email" or by.has_perm("dialog.manage_people")]
    data = MemberResource().export(queryset=members(body, by), export_fields=chosen)
    return tables.write(data, kind)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Line:
    """One row of a file: what it holds, what it would do, and what is wrong in which column."""

    row: int
    values: dict[str, Any]
    membership: Membership | None = None
    person: Person | None = None
    organization: Organization | None = None
    seat: Any = None
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    hint: str = ""

    @property
    def kind(self) -> str:
        if self.errors:
            return "error"
        if self.membership is None:
            return "new"
        return "changed" if self.changes else "same"

    def as_json(self) -> dict[str, Any]:
        """For the preview."""
        cells = []
        for name, column in _FIELDS.items():
            before, after = self.changes.get(name, ("", ""))
            raw = self.values.get(name)
            shown = after or (column.widget.render(raw) if name not in self.errors and raw != "" else str(raw or ""))
            cells.append({"before": before, "after": shown, "error": self.errors.get(name, "")})
        return {"row": self.row, "kind": self.kind, "cells": cells, "hint": self.hint}


def read(content: bytes) -> tablib.Dataset:
    """The table in a file; ValidationError if there is none, or it has other columns than an export."""
    return tables.read(content, COLUMNS, max_rows=MAX_ROWS)


def check(body: Body, data: tablib.Dataset, progress: Any = None) -> list[Line]:
    """What applying `data` to the members of `body` would do, row by row; changes nothing."""
    known = _Known(body)
    lines = []
    for index, row in enumerate(data.dict):
        if progress and index % BATCH == 0:
            progress(index)
        lines.append(known.line(index + 2, row))
    chairs = known.chairs
    if chairs > memberships.CHAIRS:
        for line in lines:
            if line.values.get("role") == Membership.Role.CHAIR and "role" not in line.errors:
                line.errors["role"] = _("Ein Gremium leiten höchstens zwei Personen.")
    return lines


class _Known:
    """What the database knows that a file is compared with; read once, whatever the number of rows."""

    def __init__(self, body: Body) -> None:
        rows = body.memberships.open().select_related("person__user", "organization", "seat")
        self.memberships = {str(row.pk): row for row in rows}
        self.by_person = {row.person_id: row for row in self.memberships.values()}
        self.names = {row.person.name.casefold() for row in self.memberships.values()}
        self.people: dict[str, Person] = {}
        for person in Person.objects.present().exclude(email="", user=None).select_related("user").order_by("-pk"):
            if address := person.mail_address.lower():
                self.people[address] = person
        self.organizations = {row.name.casefold(): row for row in Organization.objects.all()}
        self.seats = {seat.name.casefold(): seat for seat in body.seats.all()}
        self.roles = {row.pk: row.role for row in self.memberships.values() if row.state == Membership.State.ACTIVE}
        self.new_chairs = 0
        self.seen: set[str] = set()

    @property
    def chairs(self) -> int:
        return sum(role == Membership.Role.CHAIR for role in self.roles.values()) + self.new_chairs

    def line(self, number: int, row: dict[str, Any]) -> Line:
        line = Line(number, {})
        for name, column in _FIELDS.items():
            raw = row.get(column.column_name)
            if isinstance(raw, Formula):
                line.values[name] = str(raw)
                line.errors[name] = _("Die Zelle enthält eine Formel. Bitte schreiben Sie den Wert hinein.")
                continue
            try:
                line.values[name] = column.clean({column.column_name: raw})
            except (ValueError, ValidationError) as error:
                line.values[name] = str(raw if raw is not None else "")
                line.errors[name] = "; ".join(getattr(error, "messages", None) or [str(error)])
        self._find(line)
        self._refer(line)
        self._compare(line)
        return line

    def _find(self, line: Line) -> None:
        values, address = line.values, str(line.values["email"]).lower()
        if not values["name"]:
            line.errors.setdefault("name", _("Hier fehlt der Name."))
        elif len(values["name"]) > 120:
            line.errors.setdefault("name", _("Der Name ist zu lang: höchstens 120 Zeichen."))
        if address and "email" not in line.errors:
            try:
                Person._meta.get_field("email").clean(address, None)
            except ValidationError as error:
                line.errors["email"] = "; ".join(error.messages)
        for key in filter(None, (f"nr {values['number']}" if values["number"] else "", address)):
            if key in self.seen:
                line.errors.setdefault(
                    "email" if key == address else "number", _("Steht schon in einer früheren Zeile der Datei.")
                )
            self.seen.add(key)
        owner = self.people.get(address)
        if values["number"]:
            line.membership = self.memberships.get(str(values["number"]))
            if line.membership is None:
                line.errors.setdefault("number", _("Keine Mitgliedschaft dieses Gremiums hat diese Nummer."))
                return
            if owner and owner.pk != line.membership.person_id:
                line.errors.setdefault("email", _("Diese Adresse gehört schon zu: %(name)s.") % {"name": owner.name})
        elif owner:
            line.person = owner
            line.membership = self.by_person.get(owner.pk)
            if owner.name != values["name"]:
                line.errors.setdefault("email", _("Diese Adresse gehört schon zu: %(name)s.") % {"name": owner.name})
        elif values["name"].casefold() in self.names:
            line.hint = _("Im Gremium ist schon jemand mit diesem Namen. Ist es dieselbe Person?")
        if line.membership:
            line.person = line.membership.person
            if line.membership.state != Membership.State.ACTIVE:
                line.errors.setdefault("number", _("Hier liegt ein Antrag vor, über den noch zu entscheiden ist."))

    def _refer(self, line: Line) -> None:
        for name, found in (("organization", self.organizations), ("seat", self.seats)):
            word = str(line.values[name])
            if not word or name in line.errors:
                continue
            row = found.get(word.casefold())
            if row is None:
                line.errors[name] = _("Nicht gefunden: „%(word)s“.") % {"word": word}
            setattr(line, name, row)

    def _compare(self, line: Line) -> None:
        membership = line.membership
        if membership is None:
            self.new_chairs += line.values["role"] == Membership.Role.CHAIR
            return
        for name, column in _FIELDS.items():
            if name in line.errors or name == "number":
                continue
            before, after = column.export(membership) or "", column.widget.render(line.values[name])
            if name == "email":
                before, after = before.lower(), after.lower()
            if before != after:
                line.changes[name] = (before, after)
        has_account = bool(membership.person.user_id)
        if "email" in line.changes and has_account:
            line.errors["email"] = _("Die Person hat ein Konto; die Adresse ändert sie dort selbst.")
        if "name_public" in line.changes and has_account:
            line.errors["name_public"] = _("Die Person hat ein Konto; darüber entscheidet sie dort selbst.")
        if "role" in line.changes and "role" not in line.errors:
            self.roles[membership.pk] = line.values["role"]


# ── importing ───────────────────────────────────────────────────────────────────────────────────────────


def upload(body: Body, file: UploadedFile, *, by: User, at: dt.datetime) -> JobRun:
    """Takes a file in and has it checked. PermissionDenied; ValidationError if it cannot be read at all."""
    _may_import(by)
    content = file.read()
    read(content)
    document = documents.store(
        content,
        filename=file.name or "liste.csv",
        title=_("Import: %(body)s") % {"body": body.full_name},
        content_type=XLSX if content[:2] == b"PK" else "text/csv",
        is_public=False,
        by=by,
        at=at,
    )
    row = MemberImport.objects.create(body=body, document=document, by=by, at=at)
    return _start("check_members", row, _("Mitglieder prüfen: %(body)s"), by=by, at=at)


def apply(row: MemberImport, *, by: User, at: dt.datetime) -> JobRun:
    """Has a checked file taken over. PermissionDenied; ValidationError if it has errors or was taken over before."""
    _may_import(by)
    if row.state != MemberImport.State.CHECKED:
        raise ValidationError(_("Diese Datei lässt sich nicht übernehmen."))
    return _start("import_members", row, _("Mitglieder übernehmen: %(body)s"), by=by, at=at)


def _start(kind: str, row: MemberImport, title: str, *, by: User, at: dt.datetime) -> JobRun:
    return jobs.start(
        kind,
        key=f"{kind}-{row.pk}",
        title=title % {"body": row.body.full_name},
        owner=by,
        at=at,
        parameters={"import": row.pk},
    )


def _may_import(by: User) -> None:
    if not by.has_perm("dialog.manage_people"):
        raise PermissionDenied


def _lines(run: jobs.Run, row: MemberImport, more_steps: int) -> list[Line]:
    with row.document.file.open("rb") as file:
        data = read(file.read())
    run.plan(-(-len(data) // BATCH) + more_steps)

    def progress(done: int) -> None:
        run.step(_("Zeile %(row)d von %(rows)d") % {"row": done, "rows": len(data)})

    return check(row.body, data, progress)


@jobs.handler("check_members")
def _check(run: jobs.Run) -> None:
    row = MemberImport.objects.select_related("body", "document").get(pk=run.parameters["import"])
    lines = _lines(run, row, 1)
    with run.finishing(result_url=row.get_absolute_url()):
        row.rows = [line.as_json() for line in lines]
        faulty = any(line.errors for line in lines)
        row.state = MemberImport.State.FAULTY if faulty else MemberImport.State.CHECKED
        row.save()


@jobs.handler("import_members")
def _import(run: jobs.Run) -> None:
    row = MemberImport.objects.select_related("body", "document").get(pk=run.parameters["import"])
    if row.state == MemberImport.State.APPLIED:
        return
    lines = _lines(run, row, 2)
    if [line.as_json() for line in lines] != row.rows:
        raise jobs.Refused(
            _(
                "Seit der Prüfung hat sich an den Mitgliedern etwas geändert. "
                "Bitte laden Sie die Datei noch einmal hoch."
            )
        )
    run.step(_("Übernehmen"))
    by, now = run.job.owner, timezone.now()
    try:
        with run.finishing(result_url=row.get_absolute_url()):
            _enter_all(row.body, [line for line in lines if line.kind == "new"], by=by, at=now)
            for line in lines:
                if line.membership and line.kind == "changed":
                    _change(line, line.membership, by=by, at=now)
            row.state = MemberImport.State.APPLIED
            row.save()
    except (IntegrityError, ValidationError) as error:
        reason = "; ".join(getattr(error, "messages", []))
        raise jobs.Refused(_("Nichts wurde übernommen. %(reason)s") % {"reason": reason}) from error


def _enter_all(body: Body, lines: list[Line], *, by: User | None, at: dt.datetime) -> None:
    """The same as `memberships.enter`, for thousands at once; `check` has looked at them."""
    strangers = [line for line in lines if line.person is None]
    made = Person.objects.bulk_create(
        [Person(name=line.values["name"], email=line.values["email"].lower()) for line in strangers], batch_size=500
    )
    for line, person in zip(strangers, made, strict=True):
        line.person = person
    rows = Membership.objects.bulk_create(
        [
            Membership(
                body=body,
                person=line.person,
                role=line.values["role"],
                organization=line.organization,
                seat=line.seat,
                starts_on=line.values["starts_on"],
                name_public=line.values["name_public"],
                name_public_at=at,
                state=Membership.State.ACTIVE,
            )
            for line in lines
        ],
        batch_size=500,
    )
    Step.objects.bulk_create(
        [Step(row=row, name="enter", to_state=row.state, by=by, at=at, note=_("Import")) for row in rows],
        batch_size=500,
    )


def _change(line: Line, membership: Membership, *, by: User | None, at: dt.datetime) -> None:
    values = line.values
    if {"name", "email"} & set(line.changes):
        people.rename(membership.person, name=values["name"], email=values["email"], by=by)
    if {"starts_on", "name_public"} & set(line.changes):
        if "name_public" in line.changes:
            membership.name_public_at = at
        membership.starts_on, membership.name_public = values["starts_on"], values["name_public"]
        membership.save()
    memberships.change(membership, role=values["role"], organization=line.organization, seat=line.seat, by=by, at=at)


# ── writing to the members ──────────────────────────────────────────────────────────────────────────────

GROUP = MailPreference.Category.GROUP


def recipients(mail: GroupMail) -> list[Person]:
    """The active members of the body that have a mail address."""
    rows = Membership.objects.active().filter(body=mail.body).select_related("person__user").order_by("person__name")
    return [row.person for row in rows if row.person.mail_address]


def write(body: Body, *, subject: str, text: str, by: User, at: dt.datetime) -> GroupMail:
    """A mail to the members, not sent yet. PermissionDenied."""
    if not by.has_perm("dialog.write_to_members", body):
        raise PermissionDenied
    return GroupMail.objects.create(body=body, subject=subject, text=text, by=by, at=at)


def test(mail: GroupMail, *, by: User) -> None:
    """Sends the mail to its writer alone, as the members would get it. PermissionDenied."""
    if not by.has_perm("dialog.write_to_members", mail):
        raise PermissionDenied
    mails.send("group_mail", [people.of(by)], category=mails.ALWAYS, mail=mail, writer=people.of(by))


def release(mail: GroupMail, *, by: User, at: dt.datetime) -> JobRun:
    """Sends the mail to all members; a second call finds the first. PermissionDenied."""
    if not by.has_perm("dialog.write_to_members", mail):
        raise PermissionDenied
    key = f"group-mail-{mail.pk}"
    first = GroupMail.objects.filter(pk=mail.pk, released_at=None).update(released_at=at)
    if not first and (found := JobRun.objects.filter(key=key).first()):
        return found
    return jobs.start(
        "group_mail",
        key=key,
        title=_("Nachricht verschicken: %(subject)s") % {"subject": mail.subject},
        owner=by,
        at=at,
        parameters={"mail": mail.pk},
    )


@jobs.handler("group_mail")
def _send(run: jobs.Run) -> None:
    mail = GroupMail.objects.select_related("body", "by__person").get(pk=run.parameters["mail"])
    # What an attempt before this one has sent is not sent again.
    done = set(mail.sent_to.values_list("pk", flat=True))
    waiting = [person for person in recipients(mail) if person.pk not in done]
    run.plan(-(-len(waiting) // BATCH) + 1)
    for start in range(0, len(waiting), BATCH):
        run.step(_("%(done)d von %(all)d") % {"done": start, "all": len(waiting)})
        batch = waiting[start : start + BATCH]
        with transaction.atomic():
            mails.send("group_mail", batch, category=GROUP, mail=mail, writer=getattr(mail.by, "person", None))
            mail.sent_to.add(*batch)
    with run.finishing(result_url=mail.get_absolute_url()):
        pass
