"""The example's meetings: planned, prepared, invited to, moved, called off or held, and written down.

Everything goes through the services with the moment at which it happened. Dates count from the meeting
(`{tage_vorher: 14}`, `{tage_danach: 7}`) or from the day of loading (`{vor_tagen: 3}`).

People of the city's record hold their office in the example too, but it puts nothing into their mouth: they neither
answer nor attend.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import (
    AgendaItem,
    Attendance,
    Body,
    FieldOfAction,
    Meeting,
    Membership,
    Minutes,
    MinutesEntry,
    Organization,
    Person,
    Recommendation,
    User,
)
from dialog.services import (
    agenda,
    assignments,
    attendance,
    decisions,
    meeting_invitations,
    meetings,
    minutes,
    minutes_content,
    steps,
)
from measures.models import Measure

from . import dates
from .files import KEY, Entry
from .telling import find_row, is_yes, moment, number, optional_text, parts, row_of

#: So many days before a meeting it is planned, unless the entry says otherwise.
PLANNED_BEFORE = 60
#: So many days after a meeting its minutes are written, unless the entry says otherwise.
WRITTEN_AFTER = 7

MEETING = (
    [KEY, "gremium", "beginn"],
    [
        *("titel", "dauer", "ort", "öffentlich", "sprachmittlung", "kinderbetreuung"),
        *(
            "geplant",
            "zuerst",
            "verlegt",
            "tagesordnung",
            "gäste",
            "eingeladen",
            "antworten",
            "abwesend",
            "abgesagt",
            "grund",
        ),
    ],
)
MINUTES = (
    ["sitzung", "stand", "text", "punkte"],
    ["geschrieben", "korrekturen", "genehmigt", "genehmigt_in", "veröffentlicht", "berichtigung"],
)
PLACE = {"name": "place", "raum": "room", "anschrift": "address", "zugang": "access_notes", "video": "video_url"}
SUBJECTS: dict[str, type[models.Model]] = {"empfehlung": Recommendation, "maßnahme": Measure}


def _planner() -> User:
    """Whose work it is: the planning group's member with an account."""
    return User.objects.get(person__in=Person.objects.planning_group().filter(is_example=True))


def _when(entry: Entry, name: str, meeting: Meeting, now: dt.datetime) -> dt.datetime:
    """The moment that a field describes, at noon if it counts from the meeting. RecordError if it is still to come."""
    told = entry.part(name)
    days = number(told, "tage_danach") - number(told, "tage_vorher")
    at = (
        dates.noon(timezone.localdate(meeting.starts_at) + dt.timedelta(days=days))
        if days
        else moment(entry, name, now)
    )
    if at > now:
        raise entry.error(_("Das ist noch nicht geschehen."), name)
    return at


# ── the meeting ─────────────────────────────────────────────────────────────────────────────────────────


def tell_meeting(entry: Entry, now: dt.datetime) -> None:
    """A meeting with its agenda, as far as the entry tells: invited, moved, called off; held if it is over."""
    planner = _planner()
    meeting = _plan(entry, planner, now)
    if "eingeladen" in entry:
        invited_at = _when(entry, "eingeladen", meeting, now)
        meeting_invitations.enter_members(meeting)
        listed = meeting_invitations.everyone(meeting)
        meeting_invitations.note_sent(meeting, listed, by=planner, at=invited_at)
        _answer(meeting, entry, invited_at, now)
    if "verlegt" in entry:
        new: dict[str, Any] = {**_times(entry, entry, now), **_place(entry)}
        meetings.edit(meeting, by=planner, at=_when(entry, "verlegt", meeting, now), **new)
    if "abgesagt" in entry:
        at = _when(entry, "abgesagt", meeting, now)
        meetings.cancel(meeting, by=planner, reason=optional_text(entry, "grund"), at=at)
    elif meeting.ends_at < now:
        meetings.hold(meeting, by=planner, at=meeting.ends_at)
        _note_presence(meeting, entry, planner)


def _times(entry: Entry, told: Entry, now: dt.datetime) -> dict[str, dt.datetime]:
    starts_at = moment(told, "beginn", now)
    return {"starts_at": starts_at, "ends_at": starts_at + dt.timedelta(minutes=number(entry, "dauer", 120))}


def _place(entry: Entry) -> dict[str, str]:
    if "ort" not in entry:
        return {}
    place = entry.part("ort")
    place.check_names(["name"], PLACE)
    return {attribute: place.text(name) for name, attribute in PLACE.items() if name in place}


def _plan(entry: Entry, planner: User, now: dt.datetime) -> Meeting:
    """The meeting as it was planned first, with its agenda and those guests who are invited."""
    first = entry.part("zuerst") if "zuerst" in entry else entry
    times = _times(entry, first, now)
    place: dict[str, Any] = _place(first if "ort" in first else entry)
    early = times["starts_at"] - dt.timedelta(days=number(entry, "geplant", PLANNED_BEFORE))
    meeting = meetings.create(
        find_row(entry, "gremium", Body),
        starts_at=times["starts_at"],
        ends_at=times["ends_at"],
        **place,
        by=planner,
        at=min(early, now - dt.timedelta(days=21)),
        title=optional_text(entry, "titel"),
        is_public=is_yes(entry, "öffentlich"),
        interpreting=is_yes(entry, "sprachmittlung"),
        childcare=is_yes(entry, "kinderbetreuung"),
        record_key=entry.key,
        is_example=True,
    )
    for item in parts(entry, "tagesordnung"):
        _add(meeting, item, planner)
    for guest in parts(entry, "gäste"):
        guest.check_names(["name"], ["institution"])
        attendance.add_guest(
            meeting,
            by=planner,
            at=meeting.changed_at,
            name=guest.text("name"),
            organization=optional_text(guest, "institution"),
        )
    return meeting


def _add(meeting: Meeting, entry: Entry, planner: User) -> None:
    entry.check_names(["titel", "art"], ["dauer", "vorträgt", "text", "öffentlich", "worum"])
    agenda.add(
        meeting,
        by=planner,
        about=_subject(entry),
        title=entry.text("titel"),
        kind=entry.choice("art", AgendaItem.Kind.choices),
        duration=number(entry, "dauer") or None,
        presenter=optional_text(entry, "vorträgt"),
        text=optional_text(entry, "text"),
        is_public="öffentlich" not in entry or entry.yes("öffentlich"),
    )


def _subject(entry: Entry) -> models.Model | None:
    if "worum" not in entry:
        return None
    told = entry.part("worum")
    told.check_names([], SUBJECTS)
    return next((find_row(told, kind, model) for kind, model in SUBJECTS.items() if kind in told), None)


# ── answers and presence ────────────────────────────────────────────────────────────────────────────────


def _listed(meeting: Meeting) -> dict[str, Attendance]:
    """The rows of the attendance list by the person's key, without people of the record."""
    rows = meeting.attendances.filter(person__is_example=True).select_related("person")
    return {row.person.record_key or "": row for row in rows}


def _answer(meeting: Meeting, entry: Entry, invited_at: dt.datetime, now: dt.datetime) -> None:
    """Of a past meeting everyone answered who does not stand under `offen`; of a coming one those who are named."""
    listed, told = _listed(meeting), dict(_answers(entry))
    answers = {name: told[name] for name in _known(entry, "antworten", told, listed)}
    is_past = meeting.ends_at < now
    silent = entry.part("antworten").texts("offen") if is_past and _has(entry, "offen") else []
    if is_past:
        others = listed.keys() - answers.keys() - set(_known(entry, "antworten", silent, listed))
        answers |= {name: {"answer": Attendance.Answer.YES} for name in others}
    time = min(meeting.starts_at, now) - invited_at
    for place, name in enumerate(sorted(answers)):
        at = invited_at + time * (place % 6 + 1) / 8
        meeting_invitations.answer(listed[name], at=at, **answers[name])


def _has(entry: Entry, word: str) -> bool:
    return "antworten" in entry and word in entry.part("antworten")


def _answers(entry: Entry) -> Iterator[tuple[str, dict[str, Any]]]:
    """Key of a person → what the answer was."""
    if "antworten" not in entry:
        return
    told = entry.part("antworten")
    told.check_names([], ["zugesagt", "verhindert", "vertretung", "offen"])
    if "zugesagt" in told:
        yield from ((name, {"answer": Attendance.Answer.YES}) for name in told.texts("zugesagt"))
    if "verhindert" in told:
        excuses = told.part("verhindert")
        yield from ((name, {"answer": Attendance.Answer.NO, "excuse": excuses.text(name)}) for name in excuses)
    if "vertretung" in told:
        deputies = told.part("vertretung")
        yield from ((name, {"answer": Attendance.Answer.DEPUTY, "deputy": deputies.text(name)}) for name in deputies)


def _known(entry: Entry, field: str, names: Any, listed: dict[str, Attendance]) -> list[str]:
    """The names, of whom each must be on the list. RecordError otherwise."""
    for name in names:
        if name not in listed:
            raise entry.error(_("„%s“ gehörte am Tag der Sitzung nicht zu diesem Gremium.") % name, field)
    return list(names)


def _note_presence(meeting: Meeting, entry: Entry, planner: User) -> None:
    """Who said yes was there, unless they stand under `abwesend`; who stood in for somebody is a guest."""
    if "eingeladen" not in entry:
        return
    listed = _listed(meeting)
    absent = _known(entry, "abwesend", entry.texts("abwesend") if "abwesend" in entry else [], listed)
    presences = {}
    for name, row in listed.items():
        came = Attendance.Presence.ABSENT if name in absent else Attendance.Presence.PRESENT
        presences[row.pk] = Attendance.Presence.EXCUSED if row.answer in {"no", "deputy"} else came
        if row.deputy:
            attendance.receive_deputy(row, by=planner)
    guests = dict.fromkeys(meeting.guests.values_list("pk", flat=True), Attendance.Presence.PRESENT)
    attendance.note(meeting, by=planner, members=presences, guests=guests)


# ── the minutes ─────────────────────────────────────────────────────────────────────────────────────────


def tell_minutes(entry: Entry, now: dt.datetime) -> None:
    """The minutes of a meeting as far as `stand` says: written, reviewed, approved, published, corrected later."""
    planner, meeting = _planner(), find_row(entry, "sitzung", Meeting)
    written = (
        _when(entry, "geschrieben", meeting, now)
        if "geschrieben" in entry
        else min(meeting.ends_at + dt.timedelta(days=WRITTEN_AFTER), now)
    )
    row = minutes.start(meeting, by=planner, at=meeting.ends_at)
    unwritten = minutes_content.checksum("")
    minutes.introduce(row, text=entry.text("text"), seen=unwritten, by=planner, at=written)
    items = {item.position: item for item in meeting.agenda_items.all()}
    for point in entry.entries("punkte"):
        point.check_names(["zu", "text"], ["beschluss", "empfehlung", "neue_empfehlung", "aufträge"])
        _write(row, _item(point, items), point, planner, written, now)
    ways = [_submit, _approve, _publish]
    states = [state.value for state in Minutes.State]
    for way in ways[: states.index(entry.choice("stand", Minutes.State.choices))]:
        row.refresh_from_db()
        way(row, entry, planner, written, now)


def _item(entry: Entry, items: dict[int, AgendaItem]) -> AgendaItem:
    """The item of the agenda that `zu` means, by its number."""
    if (place := number(entry, "zu")) not in items:
        raise entry.error(_("Die Tagesordnung hat keinen TOP %d.") % place, "zu")
    return items[place]


def _write(row: Minutes, item: AgendaItem, point: Entry, planner: User, written: dt.datetime, now: dt.datetime) -> None:
    minutes.write(row, item, text=point.text("text"), version=0, by=planner, at=written)
    if "beschluss" in point:
        _decide(row, item, point.part("beschluss"), planner, written)
    if "empfehlung" in point:
        recommendation = find_row(point, "empfehlung", Recommendation)
        recommendation.agenda_item = item
        steps.date_history(recommendation, at=max(written, dates.noon(recommendation.date)))
        recommendation.save()
    if "neue_empfehlung" in point:
        _recommend(row, item, point.part("neue_empfehlung"), planner, written)
    for task in parts(point, "aufträge"):
        _give(item, task, planner, written, now)


def _decide(row: Minutes, item: AgendaItem, entry: Entry, planner: User, at: dt.datetime) -> None:
    """A decision; how many were for it follows from who was there."""
    entry.check_names(["wortlaut"], ["nein", "enthaltungen"])
    no, abstained = number(entry, "nein"), number(entry, "enthaltungen")
    present = row.meeting.attendances.voting().present().count()
    votes = {"yes": present - no - abstained, "no": no, "abstained": abstained} if present else {}
    wording, unanimous = entry.text("wortlaut"), not no
    decisions.decide(row, item, wording=wording, unanimous=unanimous, by=planner, at=at, **votes)


def _recommend(row: Minutes, item: AgendaItem, entry: Entry, planner: User, at: dt.datetime) -> None:
    entry.check_names(["titel", "wortlaut", "handlungsfeld", "gerichtet_an"])
    decisions.recommend(
        row,
        item,
        title=entry.text("titel"),
        wording=entry.text("wortlaut"),
        field=find_row(entry, "handlungsfeld", FieldOfAction),
        addressees=[row_of(entry, "gerichtet_an", key, Organization) for key in entry.texts("gerichtet_an")],
        by=planner,
        at=at,
    )


def _give(item: AgendaItem, entry: Entry, planner: User, written: dt.datetime, now: dt.datetime) -> None:
    entry.check_names(["titel", "zuständig", "bis"], ["erledigt", "ergebnis"])
    due = entry.part("bis")
    days = number(due, "tage_danach")
    day = timezone.localdate(item.meeting.starts_at) + dt.timedelta(days=days) if days else dates.day(due, now)
    task = assignments.give(
        item.meeting.body,
        title=entry.text("titel"),
        by=planner,
        at=written,
        assignee=find_row(entry, "zuständig", Person),
        due_on=day,
        agenda_item=item,
        is_example=True,
    )
    if "erledigt" in entry:
        at = _when(entry, "erledigt", item.meeting, now)
        assignments.finish(task, by=planner, at=at, note=optional_text(entry, "ergebnis"))


def _submit(row: Minutes, entry: Entry, planner: User, written: dt.datetime, now: dt.datetime) -> None:
    minutes.submit(row, by=planner, at=written)
    items = {item.position: item for item in row.meeting.agenda_items.all()}
    for told in parts(entry, "korrekturen"):
        told.check_names(["zu", "von", "text"], ["antwort", "übernommen"])
        member, item = _account(told), _item(told, items)
        at = min(written + dt.timedelta(days=3), now)
        correction = minutes.propose(row, item, text=told.text("text"), by=member, at=at)
        if "antwort" in told:
            decided = min(at + dt.timedelta(days=2), now)
            if "übernommen" in told:
                version = MinutesEntry.objects.get(minutes=row, agenda_item=item).version
                text = told.text("übernommen")
                minutes.write(row, item, text=text, version=version, by=planner, at=decided)
            taken_over = "übernommen" in told
            minutes.answer(correction, take_over=taken_over, answer=told.text("antwort"), by=planner, at=decided)


def _account(entry: Entry) -> User:
    person = find_row(entry, "von", Person)
    if person.user is None:
        raise entry.error(_("Wer eine Korrektur vorschlägt, braucht ein Konto."), "von")
    return person.user


def _approve(row: Minutes, entry: Entry, planner: User, written: dt.datetime, now: dt.datetime) -> None:
    """By the meeting that `genehmigt_in` names, else by the chair."""
    if "genehmigt_in" in entry:
        later = find_row(entry, "genehmigt_in", Meeting)
        minutes.approve(row, by=planner, at=later.starts_at + dt.timedelta(minutes=15), in_meeting=later)
        return
    chair = Membership.objects.active().filter(
        body=row.meeting.body, role=Membership.Role.CHAIR, person__is_example=True
    )
    user = next((member.person.user for member in chair.select_related("person__user")), None)
    minutes.approve(row, by=user, at=_when(entry, "genehmigt", row.meeting, now))


def _publish(row: Minutes, entry: Entry, planner: User, written: dt.datetime, now: dt.datetime) -> None:
    minutes.publish(row, by=planner, at=_when(entry, "veröffentlicht", row.meeting, now))
    if "berichtigung" in entry:
        told = entry.part("berichtigung")
        told.check_names(["text", "am"], ["nur_für_mitglieder"])
        at = _when(told, "am", row.meeting, now)
        is_public = not is_yes(told, "nur_für_mitglieder")
        minutes.rectify(row, text=told.text("text"), is_public=is_public, by=planner, at=at)
