"""Minutes from the first word to publication: written live, reviewed, approved, frozen."""

import datetime as dt
import difflib
import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from dialog.models import (
    AgendaItem,
    Correction,
    Meeting,
    Minutes,
    MinutesEntry,
    Rectification,
    User,
)

from . import documents, followings, minutes_content, minutes_review, pdf, richtext, steps

#: What one person types within this time is one version.
ONE_VERSION = dt.timedelta(minutes=5)
#: How long those who were there can propose corrections, unless somebody says otherwise.
REVIEW_DAYS = 14


class Overtaken(Exception):
    """Somebody else saved the entry since its writer read it; nothing was written."""

    def __init__(self, entry: MinutesEntry) -> None:
        super().__init__(str(entry))
        self.entry = entry


def _allowed(permission: str, row: Any, by: User | None) -> None:
    if by is not None and not by.has_perm(permission, row):
        raise PermissionDenied


def _locked(minutes: Minutes) -> Minutes:
    """The minutes as they stand now, nobody else's until the transaction ends."""
    return Minutes.objects.select_for_update(of=("self",)).select_related("meeting__body").get(pk=minutes.pk)


def hold_open(meeting: Meeting) -> None:
    """Nobody approves the minutes of `meeting` until the transaction ends. TransitionNotAllowed once they did."""
    found = Minutes.objects.select_for_update().filter(meeting=meeting).first()
    if found and not found.is_open:
        raise TransitionNotAllowed("approved minutes stay as they are", object=found)


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def start(meeting: Meeting, *, by: User | None, at: dt.datetime) -> Minutes:
    """The minutes of `meeting`; who starts them second finds them. TransitionNotAllowed if it was cancelled."""
    _allowed("dialog.write_minutes", meeting, by)
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.state == Meeting.State.CANCELLED:
        raise TransitionNotAllowed("a cancelled meeting has no minutes", object=meeting)
    if found := Minutes.objects.filter(meeting=meeting).first():
        return found
    minutes = Minutes(meeting=meeting, is_example=meeting.is_example)
    steps.date_history(minutes, at=at, by=by)
    minutes.save()
    steps.record(minutes, "start", by=by, at=at)
    return minutes


@transaction.atomic
def write(
    minutes: Minutes, item: AgendaItem, *, text: str, version: int, by: User | None, at: dt.datetime
) -> MinutesEntry:
    """Saves what the minutes say about `item`; `version` is the one that the writer began from (0: none yet).

    Raises Overtaken with the other text if somebody saved in between, TransitionNotAllowed once the minutes are
    approved, ValidationError for a text that is too long; then nothing is written.
    """
    _allowed("dialog.write_minutes", minutes, by)
    cleaned = richtext.clean(text)
    current = _locked(minutes)
    if not current.is_open:
        raise TransitionNotAllowed("approved minutes stay as they are", object=current)
    entry = MinutesEntry.objects.filter(minutes=current, agenda_item=item).first()
    entry = entry or MinutesEntry(minutes=current, agenda_item=item)
    if cleaned == entry.text:
        return entry
    if entry.version != version:
        raise Overtaken(entry)
    earlier = entry.history.first() if entry.pk else None
    entry.text, entry.version = cleaned, entry.version + 1
    entry.changed_by, entry.changed_at = by, at
    steps.date_history(entry, at=at, by=by)
    entry.save()
    # Typing saves every few seconds: what one person writes at a stretch is one version.
    if (
        earlier
        and by
        and earlier.history_type == "~"
        and earlier.changed_by_id == by.pk
        and at - earlier.history_date < ONE_VERSION
    ):
        earlier.delete()
    return entry


def introduce(minutes: Minutes, *, text: str, seen: str, by: User, at: dt.datetime) -> None:
    """Changes the preliminary remark. ValidationError if it is no longer the one `seen`, and then nothing is written.

    TransitionNotAllowed once the minutes are approved.
    """
    _allowed("dialog.write_minutes", minutes, by)
    with transaction.atomic():
        current = _locked(minutes)
        if not current.is_open:
            raise TransitionNotAllowed("approved minutes stay as they are", object=current)
        if seen != minutes_content.checksum(current.text):
            raise ValidationError(
                {
                    "text": _("Jemand anderes hat die Vorbemerkung inzwischen geändert in: %(text)s")
                    % {"text": current.text}
                }
            )
        current.text = text
        steps.date_history(current, at=at)
        current.save()


# ── review ──────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def submit(minutes: Minutes, *, by: User | None, at: dt.datetime, until: dt.date | None = None) -> None:
    """Lets those who were there read the draft and propose corrections until `until`; they get a mail."""
    today = timezone.localdate(at)
    until = until or today + dt.timedelta(days=REVIEW_DAYS)
    if until < today:
        raise ValidationError({"until": _("Dieser Tag ist schon vorbei.")})
    current = _locked(minutes)
    steps.take(current, "submit", by=by, at=at, until=until)
    meeting = Meeting.objects.select_for_update().get(pk=current.meeting_id)
    if meeting.state == Meeting.State.PLANNED:
        steps.take(meeting, "hold", by=None, at=at)
    minutes_review.send(current)
    minutes.refresh_from_db()


@transaction.atomic
def reopen(minutes: Minutes, *, by: User, at: dt.datetime) -> None:
    """Takes the draft back from review."""
    steps.take(_locked(minutes), "reopen", by=by, at=at)
    minutes.refresh_from_db()


@transaction.atomic
def propose(minutes: Minutes, item: AgendaItem, *, text: str, by: User, at: dt.datetime) -> Correction:
    """A correction to the entry about `item`. TransitionNotAllowed outside the review and after its last day."""
    _allowed("dialog.correct_minutes", minutes, by)
    return minutes_review.keep(minutes, item, text=text, at=at, by=by)


@transaction.atomic
def answer(correction: Correction, *, take_over: bool, answer: str, by: User, at: dt.datetime) -> None:
    """Decides on a correction; whoever proposed it gets a mail. Declining needs a word."""
    if not take_over and not answer.strip():
        raise ValidationError({"answer": _("Bitte schreiben Sie kurz, warum der Vorschlag nicht übernommen wird.")})
    name = "take_over" if take_over else "decline"
    steps.take(correction, name, by=by, at=at, note=answer, answer=answer.strip(), decided_at=at)
    minutes_review.tell_answer(correction)


def stamp(content: dict[str, Any]) -> str:
    """Changes with everything that the full version says, so that one approves what one has read."""
    return minutes_content.checksum(content)[:16]


@transaction.atomic
def approve(
    minutes: Minutes, *, by: User | None, at: dt.datetime, read: str = "", in_meeting: Meeting | None = None
) -> None:
    """The chair approves, or a later meeting did (`in_meeting`). `read` is the stamp of what was read.

    ConcurrentTransition if the text changed since; ValidationError while corrections wait for an answer.
    """
    current = _locked(minutes)
    if current.state == Minutes.State.IN_REVIEW and read and read != stamp(minutes_content.full(current)):
        raise ConcurrentTransition("the text changed since it was read")
    if current.state == Minutes.State.IN_REVIEW and current.corrections.filter(state="proposed").exists():
        raise ValidationError(_("Es warten noch Korrekturvorschläge auf eine Antwort."))
    if in_meeting is None:
        steps.take(current, "approve", by=by, at=at, approved_at=at)
    else:
        if in_meeting.body_id != current.meeting.body_id or in_meeting.starts_at <= current.meeting.starts_at:
            raise ValidationError(
                {"meeting": _("Genehmigen kann die Niederschrift nur eine spätere Sitzung desselben Gremiums.")}
            )
        steps.take(current, "adopt", by=by, at=at, approved_at=at, meeting=in_meeting)
    minutes.refresh_from_db()


# ── publication ─────────────────────────────────────────────────────────────────────────────────────────


def publish(minutes: Minutes, *, by: User | None, at: dt.datetime) -> None:
    """Freezes the minutes: public version, documents and checksum are stored together or not at all.

    Raises TransitionNotAllowed before approval, and ConcurrentTransition if something changed meanwhile.
    """
    _allowed("dialog.publish_minutes", minutes, by)
    minutes = Minutes.objects.select_related("meeting__body").get(pk=minutes.pk)
    if minutes.state != Minutes.State.APPROVED:
        raise TransitionNotAllowed("only approved minutes are published", object=minutes)
    full, public = _versions(minutes)
    # Setting takes seconds; nobody else should wait for that.
    papers = {"full": paper(minutes, full, at=at)}
    if public:
        papers["public"] = paper(minutes, public, at=at)
    files: list[Any] = []
    try:
        with transaction.atomic():
            current = _locked(minutes)
            if _versions(current) != (full, public):
                raise ConcurrentTransition("the minutes changed while they were set")
            for kind, content in papers.items():
                is_public = kind == "public"
                document = documents.store(
                    content,
                    filename=filename(current.meeting, public=is_public),
                    title=_title(current.meeting, public=is_public),
                    content_type="application/pdf",
                    is_public=is_public,
                    by=by,
                    at=at,
                    body=current.meeting.body,
                    meeting=current.meeting,
                )
                files.append(document.file)
                setattr(current, f"{kind}_document", document)
            current.public_content, current.full_content = public, full
            current.checksum = minutes_content.checksum(public or full)
            steps.take(current, "publish", by=by, at=at, published_at=at)
            if public:
                followings.tell("body_minutes", current.meeting.body, by=by, meeting=current.meeting)
    except BaseException:
        for file in files:
            file.storage.delete(str(file.name))
        raise


def _versions(minutes: Minutes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The full version, and the public one, which also turns on who agrees to be named; empty if there is none."""
    return minutes_content.full(minutes), minutes_content.public(minutes) if minutes.meeting.is_public else {}


def _title(meeting: Meeting, *, public: bool) -> str:
    day = f"{timezone.localtime(meeting.starts_at):%d.%m.%Y}"
    if public:
        return _("Niederschrift vom %(day)s") % {"day": day}
    return _("Niederschrift vom %(day)s, vollständige Fassung") % {"day": day}


def filename(meeting: Meeting, *, public: bool) -> str:
    """Tells body and day, and nothing of what is in it."""
    day = timezone.localtime(meeting.starts_at).date().isoformat()
    return f"niederschrift-{meeting.body.slug}-{day}{'' if public else '-intern'}.pdf"


def paper(minutes: Minutes, content: dict[str, Any], *, at: dt.datetime) -> bytes:
    """The minutes as tagged PDF, opened again and checked."""
    title = _("Niederschrift: %(body)s, %(day)s") % {
        "body": content["body"],
        "day": f"{timezone.localtime(minutes.meeting.starts_at):%d.%m.%Y}",
    }
    made = pdf.render("pdf/minutes.html", {"content": content, "minutes": minutes}, title=title, at=at)
    pdf.check(made)
    return made


@transaction.atomic
def rectify(minutes: Minutes, *, text: str, is_public: bool, by: User, at: dt.datetime) -> Rectification:
    """Puts a dated correction beside published minutes; the original stays. TransitionNotAllowed before publication."""
    _allowed("dialog.publish_minutes", minutes, by)
    if _locked(minutes).state != Minutes.State.PUBLISHED:
        raise TransitionNotAllowed("what is not published is corrected in the text", object=minutes)
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Bitte schreiben Sie, was richtig ist.")})
    if is_public and minutes_content.names_without_consent(minutes.meeting).search(text):
        raise ValidationError(
            {"text": _("Der Text nennt eine Person, die nicht öffentlich genannt werden möchte. Bitte ohne Namen.")}
        )
    return Rectification.objects.create(minutes=minutes, text=text, is_public=is_public, made_at=at, made_by=by)


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Comparison:
    """Two texts side by side: what went is marked on the left, what came on the right."""

    left: SafeString
    right: SafeString


def compare(old: str, new: str) -> Comparison:
    """The words of two versions, with what differs marked by <del> and <ins>, and by a word that is read out."""
    before, after = (re.findall(r"\S+|\n", richtext.words(text)) for text in (old, new))
    left, right = [], []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            left.append(_joined(before[a:b]))
            right.append(_joined(after[c:d]))
        else:
            if a < b:
                left.append(
                    format_html(
                        '<del><span class="kern-sr-only">{} </span>{}</del>', _("Entfernt:"), _joined(before[a:b])
                    )
                )
            if c < d:
                right.append(
                    format_html('<ins><span class="kern-sr-only">{} </span>{}</ins>', _("Neu:"), _joined(after[c:d]))
                )
    return Comparison(mark_safe(" ".join(left)), mark_safe(" ".join(right)))


def _joined(pieces: list[str]) -> SafeString:
    return mark_safe(" ".join("<br>" if piece == "\n" else escape(piece) for piece in pieces))
