"""What stands in the minutes, as data for page and paper: everything for members, the public part for all.

The public version is made by asking what the anonymous reader may see, and never mentions people who hold no
public office and did not agree to be named.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import AgendaItem, Attendance, Decision, Meeting, Membership, Minutes, Recommendation, Task

from . import richtext

NOBODY = AnonymousUser()


def full(minutes: Minutes) -> dict[str, Any]:
    """The whole of it, with non-public items, tasks and names."""
    return _content(minutes, public=False)


def internal(minutes: Minutes) -> dict[str, Any]:
    """What members read: the whole of it as it stands, and once published as it stood then."""
    return minutes.full_content or full(minutes)


def public(minutes: Minutes) -> dict[str, Any]:
    """What everyone may read; people who did not agree are counted, and their names in the text are left out."""
    content = _without(_content(minutes, public=True), names_without_consent(minutes.meeting))
    for item in content["items"]:
        # A name may have spanned elements: balanced again.
        item["text"] = richtext.clean(item["text"])
    return content


def checksum(content: Any) -> str:
    """SHA-256 of the content in one fixed spelling."""
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    ).hexdigest()


def _content(minutes: Minutes, *, public: bool) -> dict[str, Any]:
    meeting = minutes.meeting
    items = AgendaItem.objects.filter(meeting=meeting)
    recommendations = Recommendation.objects.all()
    tasks = Task.objects.select_related("assignee")
    hidden = 0
    if public:
        everything = items.count()
        items = items.visible_to(NOBODY)
        recommendations = recommendations.visible_to(NOBODY)
        tasks = tasks.visible_to(NOBODY)
        hidden = everything - items.count()
    items = items.select_related("entry").prefetch_related(
        Prefetch("decisions", Decision.objects.order_by("pk"), to_attr="decided"),
        Prefetch(
            "recommendations",
            recommendations.prefetch_related("addressees__body", "addressees__organization").order_by("pk"),
            to_attr="recommended",
        ),
        Prefetch("tasks", tasks, to_attr="given"),
    )
    start, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    return {
        "body": meeting.body.full_name,
        "title": meeting.title,
        "number": meeting.number_in_year,
        "date": start.date().isoformat(),
        "starts": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
        "place": ", ".join(filter(None, [meeting.place, meeting.room])),
        "is_public": public,
        "is_example": minutes.is_example,
        "text": minutes.text,
        "people": _people(meeting, public=public),
        "signs": _signs(meeting, public=public),
        "approved_on": timezone.localdate(minutes.approved_at).isoformat() if minutes.approved_at else "",
        "hidden": hidden,
        "items": [_item(item) for item in items],
    }


def _item(item: AgendaItem) -> dict[str, Any]:
    entry = getattr(item, "entry", None)
    rows: Any = item
    return {
        "key": item.pk,
        "position": item.position,
        "title": item.title,
        "kind": item.get_kind_display(),
        "is_public": item.is_public,
        "text": entry.text if entry else "",
        "decisions": [
            {
                "wording": row.wording,
                "unanimous": row.unanimous,
                "yes": row.yes,
                "no": row.no,
                "abstained": row.abstained,
            }
            for row in rows.decided
        ],
        "recommendations": [
            {
                "number": row.number,
                "title": row.title,
                "wording": row.wording,
                "addressees": [str(addressee) for addressee in row.addressees.all()],
            }
            for row in rows.recommended
        ],
        "tasks": [
            {
                "title": row.title,
                "assignee": str(row.assignee or ""),
                "due_on": row.due_on.isoformat() if row.due_on else "",
            }
            for row in rows.given
        ],
    }


def _people(meeting: Meeting, *, public: bool) -> list[dict[str, Any]]:
    """Who was there, excused and absent; of those who are not to be named, only how many."""
    attendances = list(meeting.attendances.select_related("person").order_by("person__name"))
    guests = list(meeting.guests.order_by("name"))
    named = _consenting(meeting) if public else None
    groups = []
    for presence, label in Attendance.Presence.choices:
        if public and presence != Attendance.Presence.PRESENT:
            continue
        rows = [row for row in attendances if row.presence == presence]
        visitors = [guest for guest in guests if guest.presence == presence]
        names = [row.person.name for row in rows if named is None or row.person_id in named]
        if not public:
            names += [_("%(name)s (Gast)") % {"name": guest.name} for guest in visitors]
        if rows or visitors:
            groups.append({"label": str(label), "names": names, "others": len(rows) + len(visitors) - len(names)})
    return groups


def _consenting(meeting: Meeting) -> set[int]:
    """People whom everyone may know to belong to the body."""
    shown = Membership.objects.filter(body=meeting.body_id).visible_to(NOBODY)
    return set(shown.values_list("person_id", flat=True))


def _signs(meeting: Meeting, *, public: bool) -> list[dict[str, str]]:
    """The lines to be signed: chair and minute taker, with those names that may be known."""
    members = Membership.objects.active().filter(body=meeting.body_id).select_related("person")
    if public:
        members = members.visible_to(NOBODY)
    lines = []
    for role in (Membership.Role.CHAIR, Membership.Role.MINUTE_TAKER):
        name = next((member.person.name for member in members if member.role == role), "")
        lines.append({"role": str(role.label), "name": name})
    return lines


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────


def names_without_consent(meeting: Meeting) -> re.Pattern[str]:
    """Finds the names of people around this meeting who are not to be named in public: whole and last names."""
    hidden = _without_consent(meeting)
    spelled = {
        name for whole in hidden for name in (whole, whole.split()[-1] if whole.split() else "") if len(name) > 1
    }
    spelled |= {name.upper() for name in spelled}
    if not spelled:
        return re.compile(r"(?!)")
    # Whatever stands between the parts of a name: spaces, marks, line breaks of the editor.
    between = r"(?:\s|&nbsp;|<[^>]*>)+"
    parts = (between.join(re.escape(part) for part in name.split()) for name in sorted(spelled, key=len, reverse=True))
    return re.compile(r"(?<!\w)(?:" + "|".join(parts) + r")(?:s|S|’|')?(?!\w)")


def first_names_in(content: dict[str, Any], meeting: Meeting) -> list[str]:
    """First names of people who are not to be named that stand in the public version.

    They are no more than a hint for whoever reads it: many are words too, or belong to somebody who did agree.
    """
    text = " ".join(_texts(content))
    return [name for name in sorted(_first_names(meeting)) if re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)", text)]


def _first_names(meeting: Meeting) -> set[str]:
    found = set()
    for whole in _without_consent(meeting):
        given = [part for part in whole.split()[:-1] if not part.endswith(".") and part not in _ADDRESSED]
        found |= set(given[:1])
    return found


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key not in _KEPT:
                yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)
    elif isinstance(content, str):
        yield richtext.words(content)


def _without_consent(meeting: Meeting) -> set[str]:
    """Whole names of members, guests, those who stand in for them, and those who have a task, that stay unnamed."""
    known = _consenting(meeting)
    people: dict[int, tuple[str, bool]] = {}
    deputies = set(meeting.guests.values_list("deputy", flat=True))
    for row in meeting.attendances.select_related("person"):
        people[row.person_id] = (row.person.name, row.person.office_public)
        deputies.add(row.deputy)
    for member in Membership.objects.filter(body=meeting.body_id).select_related("person"):
        people[member.person_id] = (member.person.name, member.person.office_public)
    for task in Task.objects.filter(agenda_item__meeting=meeting, assignee__isnull=False).select_related("assignee"):
        assert task.assignee is not None  # noqa: S101
        people[task.assignee.pk] = (task.assignee.name, task.assignee.office_public)
    named = {name for pk, (name, in_office) in people.items() if pk in known or in_office}
    hidden = {name for pk, (name, in_office) in people.items() if pk not in known and not in_office}
    hidden |= set(meeting.guests.values_list("name", flat=True))
    return hidden | ({_AFTER_NAME.split(deputy)[0].strip() for deputy in deputies} - named)


def _without(content: Any, names: re.Pattern[str]) -> Any:
    if isinstance(content, dict):
        return {key: _without(value, names) if key not in _KEPT else value for key, value in content.items()}
    if isinstance(content, list):
        return [_without(value, names) for value in content]
    return names.sub(_("[Name]"), content) if isinstance(content, str) else content


#: Names that have been asked about already, and words that are the portal's own.
_KEPT = {"people", "signs", "body", "kind", "date", "number"}
#: No first names, though they come first.
_ADDRESSED = {"Frau", "Herr", "Herrn"}
#: Deputies are typed by hand, often with whom they speak for: "Dora Dienst, Jugendamt".
_AFTER_NAME = re.compile(r"[,;(/]")
