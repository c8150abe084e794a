"""Minutes under several hands at the same moment: threads with connections of their own, on every database."""

import contextlib
import datetime as dt
import io
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from dialog.models import AgendaItem, Body, Correction, Document, Minutes, MinutesEntry, Step, User
from dialog.services import attendance, minutes, minutes_content, pdf
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    MeetingFactory,
    MembershipFactory,
    MinutesEntryFactory,
    MinutesFactory,
    PersonFactory,
    UserFactory,
    berlin,
)
from tests.paper import Text

pytestmark = pytest.mark.django_db(transaction=True)

JSON = {"HTTP_ACCEPT": "application/json"}
#: Nobody waits longer for anybody; a test that hangs fails.
PATIENCE = 30


class Hand(threading.Thread):
    """Somebody who works beside the test; `result` gives what they got, or raises what they ran into."""

    def __init__(self, work: Callable[..., Any], *arguments: Any) -> None:
        super().__init__(daemon=True)
        self.work = partial(work, *arguments)
        self.answer: Any = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.answer = self.work()
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    @property
    def waits(self) -> bool:
        """Still not done after a time in which nothing but a lock holds them up."""
        self.join(0.7)
        return self.is_alive()

    @property
    def result(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive(), "waits for ever"
        if self.error:
            raise self.error
        return self.answer


@contextlib.contextmanager
def in_flight(work: Callable[[], Any]) -> Iterator[None]:
    """`work` is done by somebody else and committed only when the block ends: whoever comes meanwhile comes between."""
    done, release = threading.Event(), threading.Event()

    def held() -> None:
        try:
            with transaction.atomic():
                work()
                done.set()
                assert release.wait(PATIENCE)
        finally:
            done.set()

    other = Hand(held)
    assert done.wait(PATIENCE)
    try:
        yield
    finally:
        release.set()
        other.result  # noqa: B018  (raises what went wrong)


@pytest.fixture
def draft(working_group: Body) -> Minutes:
    meeting = MeetingFactory(body=working_group, held=True, starts_at=berlin(2026, 3, 10))
    return MinutesFactory(meeting=meeting, text="")


@pytest.fixture
def item(draft: Minutes) -> AgendaItem:
    item = AgendaItemFactory(meeting=draft.meeting, title="Wege am Grünzug", position=1)
    MinutesEntryFactory(minutes=draft, agenda_item=item)
    return item


@pytest.fixture
def taker(working_group: Body) -> User:
    person = PersonFactory(name="Tom Takt", user=UserFactory(email="tom@example.org"))
    return MembershipFactory(body=working_group, role="minute_taker", person=person).person.user


@pytest.fixture
def second_chair(working_group: Body) -> User:
    person = PersonFactory(name="Lutz Leitung", user=UserFactory(email="lutz@example.org"))
    return MembershipFactory(body=working_group, chair=True, person=person).person.user


@pytest.fixture
def in_review(draft: Minutes, item: AgendaItem) -> Minutes:
    minutes.submit(draft, by=None, at=timezone.now())
    return draft


@pytest.fixture
def approved(in_review: Minutes) -> Minutes:
    minutes.approve(in_review, by=None, at=timezone.now())
    return in_review


def step(row: Minutes, word: str) -> str:
    return reverse("workspace_minutes_step", args=[row.pk, word])


def text_at(row: Minutes, item: AgendaItem) -> str:
    return reverse("workspace_minutes_text", args=[row.pk, item.pk])


def words_of(document: Document) -> Text:
    with document.file.open() as file, pikepdf.open(io.BytesIO(file.read())) as made:
        return Text(" ".join(pdf.page_texts(made)))


def published_whole(row: Minutes, texts: list[str], missing: list[str]) -> Minutes:
    """Text, papers and checksum say the same; nothing else was left on the disk."""
    row = Minutes.objects.get(pk=row.pk)
    assert row.state == "published"
    assert row.checksum == minutes_content.checksum(row.public_content)
    spoken = " ".join(item["text"] for item in row.public_content["items"])
    papers = [words_of(row.public_document), words_of(row.full_document)]
    for text in texts:
        assert text in spoken
        assert all(text in paper for paper in papers), text
    for text in missing:
        assert text not in spoken
        assert not any(text in paper for paper in papers), text
    stored = {document.file.path for document in (row.public_document, row.full_document)}
    assert {str(path) for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()} == stored
    assert Document.objects.count() == 2
    return row


# ── approval ────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_who_approve_at_once_one_does_and_the_other_is_told(client_of, in_review, chair, second_chair):
    slow = client_of(second_chair)
    read = slow.get(step(in_review, "genehmigung")).context["read"]
    with in_flight(lambda: minutes.approve(in_review, by=chair, at=timezone.now())):
        second = Hand(slow.post, step(in_review, "genehmigung"), {"read": read})
        assert second.waits
    answer = second.result
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "jemand anderes schneller" in page
    assert "Stand jetzt: <strong>genehmigt</strong>" in page
    assert f'href="{in_review.get_absolute_url()}"' in page
    approval = Step.objects.get(name="approve")
    assert (approval.by, Minutes.objects.get().state) == (chair, "approved")


def test_a_crowd_that_approves_makes_one_approval(client_of, in_review, chair, second_chair, operator):
    people = [chair, second_chair, operator, chair, second_chair]
    clients = [client_of(user) for user in people]
    read = clients[0].get(step(in_review, "genehmigung")).context["read"]
    start = threading.Barrier(len(clients), timeout=PATIENCE)

    def approve(client: Any) -> int:
        start.wait()
        return client.post(step(in_review, "genehmigung"), {"read": read}).status_code

    hands = [Hand(approve, client) for client in clients]
    assert sorted(hand.result for hand in hands) == [302, 409, 409, 409, 409]
    assert Step.objects.filter(name="approve").count() == 1


def test_whoever_approves_sees_the_text_that_was_saved_meanwhile(client_of, in_review, item, chair, taker):
    browser = client_of(chair)
    read = browser.get(step(in_review, "genehmigung")).context["read"]

    def save() -> None:
        minutes.write(in_review, item, text="Im letzten Augenblick.", version=0, by=taker, at=timezone.now())

    with in_flight(save):
        approval = Hand(browser.post, step(in_review, "genehmigung"), {"read": read})
        assert approval.waits
    answer = approval.result
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "inzwischen geändert" in page
    assert "Im letzten Augenblick." in page
    assert Minutes.objects.get().state == "in_review"
    again = {"read": answer.context["read"]}
    assert browser.post(step(in_review, "genehmigung"), again).status_code == 302
    assert Minutes.objects.get().state == "approved"


def test_whoever_approves_sees_who_was_noted_as_there_meanwhile(client_of, in_review, chair, member, taker):
    row = AttendanceFactory(meeting=in_review.meeting, person=member.person)
    browser = client_of(chair)
    read = browser.get(step(in_review, "genehmigung")).context["read"]

    def note() -> None:
        attendance.note(in_review.meeting, by=taker, members={row.pk: "present"}, guests={})

    with in_flight(note):
        approval = Hand(browser.post, step(in_review, "genehmigung"), {"read": read})
        assert approval.waits
    assert approval.result.status_code == 409
    assert Minutes.objects.get().state == "in_review"


def test_a_text_that_comes_while_somebody_approves_is_answered_and_given_back(client_of, in_review, item, chair, taker):
    script, plain = client_of(taker), client_of(taker)
    typed = {"text": "Im letzten Augenblick.", "version": 0}
    with in_flight(lambda: minutes.approve(in_review, by=chair, at=timezone.now())):
        hands = [
            Hand(lambda: script.post(text_at(in_review, item), typed, **JSON)),
            Hand(plain.post, text_at(in_review, item), typed),
        ]
        assert all(hand.waits for hand in hands)
    told, page = (hand.result for hand in hands)
    assert (told.status_code, page.status_code) == (409, 409)
    assert "inzwischen genehmigt" in told.json()["frozen"]
    assert "inzwischen genehmigt" in page.content.decode()
    assert "Im letzten Augenblick." in page.content.decode()
    assert "Augenblick" not in MinutesEntry.objects.get().text


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("", {"text": "Getippt.", "seen": minutes_content.checksum("")}),
        ("beschluss", {"wording": "Getippt.", "unanimous": "on"}),
        ("auftrag", {"title": "Getippt."}),
    ],
)
def test_whatever_else_was_typed_meanwhile_is_given_back_too(client_of, in_review, item, chair, taker, address, typed):
    page = reverse("workspace_minutes_write", args=[in_review.pk])
    if address:
        page = reverse("workspace_minutes_add", args=[in_review.pk, item.pk, address])
    browser = client_of(taker)
    with in_flight(lambda: minutes.approve(in_review, by=chair, at=timezone.now())):
        late = Hand(browser.post, page, typed)
        assert late.waits
    answer = late.result
    assert answer.status_code == 409
    assert "inzwischen genehmigt" in answer.content.decode()
    assert "Getippt." in answer.content.decode()
    row = Minutes.objects.get()
    assert (row.text, row.decisions.count(), item.tasks.count()) == ("", 0, 0)


def test_the_preliminary_remark_is_not_lost_to_a_step_at_the_same_moment(client_of, draft, item, planner, taker):
    browser = client_of(planner)
    until = (timezone.localdate() + dt.timedelta(days=5)).isoformat()

    def remark() -> None:
        seen = minutes_content.checksum("")
        minutes.introduce(draft, text="Der Beginn verzögerte sich.", seen=seen, by=taker, at=timezone.now())

    with in_flight(remark):
        submission = Hand(browser.post, step(draft, "durchsicht"), {"until": until})
        assert submission.waits
    assert submission.result.status_code == 302
    row = Minutes.objects.get()
    assert (row.state, row.text) == ("in_review", "Der Beginn verzögerte sich.")


def test_a_correction_is_answered_once(client_of, in_review, item, member, planner, taker):
    correction = minutes.propose(in_review, item, text="Anders.", by=member, at=timezone.now())
    browser = client_of(planner)

    def take_over() -> None:
        minutes.answer(correction, take_over=True, answer="", by=taker, at=timezone.now())

    with in_flight(take_over):
        address = reverse("workspace_minutes_answer", args=[correction.pk])
        second = Hand(browser.post, address, {"decline": "1", "answer": "Nein."})
        assert second.waits
    assert second.result.status_code == 409
    row = Correction.objects.get()
    assert (row.state, row.answer) == ("taken_over", "")


# ── publication ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_text_that_comes_while_it_is_published_is_answered_and_in_no_version(
    client_of, approved, item, planner, taker
):
    before = MinutesEntry.objects.get().text
    browser = client_of(taker)
    typed = {"text": "Viel zu spät.", "version": 0}
    with in_flight(lambda: minutes.publish(approved, by=planner, at=timezone.now())):
        late = Hand(lambda: browser.post(text_at(approved, item), typed, **JSON))
        assert late.waits
    answer = late.result
    assert (answer.status_code, "inzwischen genehmigt" in answer.json()["frozen"]) == (409, True)
    assert MinutesEntry.objects.get().text == before
    published_whole(approved, ["Darüber wurde gesprochen."], ["Viel zu spät."])


def test_of_two_who_publish_at_once_one_does_and_no_file_of_the_other_stays(client_of, approved, planner, operator):
    clients = [client_of(planner), client_of(operator)]
    start = threading.Barrier(2, timeout=PATIENCE)

    def publish(client: Any) -> Any:
        start.wait()
        return client.post(step(approved, "veroeffentlichung"))

    hands = [Hand(publish, client) for client in clients]
    answers = sorted((hand.result for hand in hands), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "jemand anderes schneller" in answers[1].content.decode()
    assert Step.objects.filter(name="publish").count() == 1
    published_whole(approved, ["Darüber wurde gesprochen."], [])


@pytest.fixture
def while_set(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Setting the paper takes its time: the first event says that it is being set, the second lets it go on."""
    begun, go_on = threading.Event(), threading.Event()
    render = pdf.render

    def slowly(*args: Any, **kwargs: Any) -> bytes:
        begun.set()
        assert go_on.wait(PATIENCE)
        return render(*args, **kwargs)

    monkeypatch.setattr(pdf, "render", slowly)
    return begun, go_on


@pytest.mark.parametrize("change", ["title", "consent"])
def test_what_changes_while_the_paper_is_set_is_not_published_unseen(
    client_of, approved, item, planner, member, working_group, while_set, change
):
    begun, go_on = while_set
    approved.meeting.attendances.create(person=member.person, presence="present")
    membership = working_group.memberships.get(person=member.person)
    type(membership).objects.filter(pk=membership.pk).update(name_public=True)
    browser = client_of(planner)
    publication = Hand(browser.post, step(approved, "veroeffentlichung"))
    assert begun.wait(PATIENCE)
    if change == "title":
        AgendaItem.objects.filter(pk=item.pk).update(title="Wege und Lampen")
    else:
        type(membership).objects.filter(pk=membership.pk).update(name_public=False)
    go_on.set()
    answer = publication.result
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Es wurde nichts veröffentlicht" in page
    assert ("Wege und Lampen" in page) == (change == "title")
    assert ("Mira Mitglied" in page) == (change == "title")
    assert Minutes.objects.get().state == "approved"
    assert not Document.objects.exists()
    assert browser.post(step(approved, "veroeffentlichung")).status_code == 302
    row = published_whole(approved, ["Darüber wurde gesprochen."], [])
    assert ("Mira Mitglied" in words_of(row.public_document)) == (change == "title")


def test_nothing_is_lost_when_all_work_at_once(client_of, in_review, planner, chair, taker):
    """Four write and write while the chair approves and the planning group publishes."""
    items = [
        AgendaItemFactory(meeting=in_review.meeting, position=10 + number, title=f"Punkt {number}")
        for number in range(4)
    ]
    kept: dict[int, list[str]] = {row.pk: [] for row in items}
    refused: list[str] = []
    warm, pause = threading.Barrier(len(items) + 1, timeout=PATIENCE), threading.Event()

    def type_on(row: AgendaItem, client: Any) -> None:
        version = 0
        while True:
            text = f"Satz {row.position}x{version} steht."
            answer = client.post(text_at(in_review, row), {"text": text, "version": version}, **JSON)
            if answer.status_code != 200:
                assert "inzwischen genehmigt" in answer.json()["frozen"]
                refused.append(text)
                return
            kept[row.pk].append(text)
            version = answer.json()["version"]
            if version == 3:
                warm.wait()
            pause.wait(0.4)

    writers = [Hand(type_on, row, client_of(taker)) for row in items]
    warm.wait()
    browser = client_of(chair)
    for _attempt in range(200):
        read = browser.get(step(in_review, "genehmigung")).context["read"]
        if browser.post(step(in_review, "genehmigung"), {"read": read}).status_code == 302:
            break
    else:
        pytest.fail("never approved")
    publication = Hand(client_of(planner).post, step(in_review, "veroeffentlichung"))
    for writer in writers:
        writer.result  # noqa: B018
    assert publication.result.status_code == 302
    assert len(refused) == len(items)
    published_whole(in_review, [texts[-1] for texts in kept.values()], refused)
    for entry in MinutesEntry.objects.filter(agenda_item__in=items):
        assert kept[entry.agenda_item_id][-1] in entry.text
