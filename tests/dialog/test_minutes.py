"""Minutes: written by several at once, reviewed, approved, published, and what the public never reads of them."""

import datetime as dt
import hashlib
import io

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from django_fsm import ConcurrentTransition, TransitionNotAllowed
from post_office.models import Email

from dialog.models import Attendance, Document, Guest, Meeting, Minutes, Step
from dialog.services import assignments, attendance, decisions, minutes, minutes_content, pdf, richtext, steps
from luener_dialog import search as portal_search
from tests.factories import (
    AgendaItemFactory,
    MeetingFactory,
    MembershipFactory,
    MinutesEntryFactory,
    MinutesFactory,
    PersonFactory,
    TaskFactory,
    UserFactory,
    berlin,
)

NOW = berlin(2026, 3, 11)
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def meeting(working_group):
    return MeetingFactory(body=working_group, held=True, starts_at=berlin(2026, 3, 10))


@pytest.fixture
def draft(meeting):
    return MinutesFactory(meeting=meeting, text="")


@pytest.fixture
def item(meeting):
    return AgendaItemFactory(meeting=meeting, title="Wege am Grünzug", position=1)


@pytest.fixture
def taker(working_group):
    person = PersonFactory(name="Tom Takt", user=UserFactory(email="tom@example.org"))
    return MembershipFactory(body=working_group, role="minute_taker", person=person).person.user


def write(draft, item, text, by, version=0, at=NOW):
    return minutes.write(draft, item, text=text, version=version, by=by, at=at)


def approved(draft):
    minutes.submit(draft, by=None, at=NOW)
    minutes.approve(draft, by=None, at=NOW)
    return draft


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_second_to_start_finds_the_minutes_of_the_first(planner, meeting):
    first = minutes.start(meeting, by=planner, at=NOW)
    assert minutes.start(meeting, by=planner, at=NOW) == first
    assert Minutes.objects.count() == 1


def test_a_cancelled_meeting_has_no_minutes(client_of, planner):
    meeting = MeetingFactory(cancelled=True)
    with pytest.raises(TransitionNotAllowed):
        minutes.start(meeting, by=planner, at=NOW)
    assert client_of(planner).post(reverse("workspace_minutes_start", args=[meeting.pk])).status_code == 409


def test_a_meeting_with_minutes_cannot_be_cancelled(planner):
    meeting = MeetingFactory(starts_at=berlin(2026, 3, 10))
    started = minutes.start(meeting, by=planner, at=NOW)
    with pytest.raises(TransitionNotAllowed):
        steps.take(Meeting.objects.get(pk=meeting.pk), "cancel", by=planner, at=NOW, reason="Niemand da.")
    assert Minutes.objects.filter(pk=started.pk).exists()


def test_each_save_raises_the_version_and_keeps_the_history(draft, item, planner, taker):
    write(draft, item, "Erster Satz.", planner)
    write(draft, item, "Zweiter Satz.", taker, version=1)
    entry = write(draft, item, "Dritter Satz.", planner, version=2)
    assert (entry.version, entry.text) == (3, "<p>Dritter Satz.</p>")
    assert [row.version for row in entry.history.order_by("version")] == [1, 2, 3]


def test_typing_at_a_stretch_is_one_version(draft, item, planner):
    for number in range(6):
        write(draft, item, f"Satz {number}", planner, version=number, at=NOW + dt.timedelta(seconds=2 * number))
    entry = draft.entries.get()
    assert [row.version for row in entry.history.order_by("version")] == [1, 6]


def test_the_second_writer_is_warned_and_the_first_text_stays(draft, item, planner, taker):
    write(draft, item, "Text von Paula", planner)
    with pytest.raises(minutes.Overtaken) as other:
        write(draft, item, "Text von Tom", taker)
    assert "Paula" in other.value.entry.text
    assert "Paula" in draft.entries.get().text


def test_the_same_text_twice_is_no_conflict(draft, item, planner, taker):
    write(draft, item, "Gleich", planner)
    assert write(draft, item, "Gleich", taker).version == 1


def test_a_script_gets_both_texts_in_a_conflict(client_of, draft, item, planner, taker):
    address = reverse("workspace_minutes_text", args=[draft.pk, item.pk])
    first = client_of(planner).post(address, {"text": "Von Paula", "version": 0}, **JSON)
    assert (first.status_code, first.json()["version"]) == (200, 1)
    second = client_of(taker).post(address, {"text": "Von Tom", "version": 0}, **JSON)
    assert second.status_code == 409
    assert second.json()["theirs"]["by"] == "Paula Planung"
    assert "Von Paula" in second.json()["theirs"]["text"]


def test_without_script_both_texts_stand_on_the_page_and_saving_again_goes(client_of, draft, item, planner, taker):
    address = reverse("workspace_minutes_text", args=[draft.pk, item.pk])
    write(draft, item, "Von Paula", planner)
    client = client_of(taker)
    response = client.post(address, {"text": "Von Tom", "version": 0})
    assert response.status_code == 409
    assert "Von Paula" in response.content.decode()
    assert "Von Tom" in response.content.decode()
    version = response.context["form"]["version"].value()
    assert client.post(address, {"text": "Von Tom", "version": version}).status_code == 302
    assert "Von Tom" in draft.entries.get().text


def test_the_preliminary_remark_of_the_first_is_not_lost_to_the_second(client_of, draft, planner, taker):
    address = reverse("workspace_minutes_write", args=[draft.pk])
    seen = client_of(taker).get(address).context["seen"]
    assert client_of(planner).post(address, {"text": "Von Paula", "seen": seen}).status_code == 302
    page = client_of(taker).post(address, {"text": "Von Tom", "seen": seen}).content.decode()
    assert "Von Tom" in page
    assert "Von Paula" in page
    draft.refresh_from_db()
    assert draft.text == "Von Paula"


def test_other_pages_see_what_is_saved(client_of, draft, item, planner):
    write(draft, item, "Neu", planner)
    now = client_of(planner).get(reverse("workspace_minutes_now", args=[draft.pk])).json()
    assert now["open"]
    assert now["items"][str(item.pk)]["version"] == 1


def test_text_that_arrives_after_approval_is_shown_and_not_saved(client_of, draft, item, planner):
    write(draft, item, "Alt", planner)
    approved(draft)
    address = reverse("workspace_minutes_text", args=[draft.pk, item.pk])
    as_json = client_of(planner).post(address, {"text": "Zu spät", "version": 1}, **JSON)
    assert as_json.status_code == 409
    assert "frozen" in as_json.json()
    page = client_of(planner).post(address, {"text": "Zu spät", "version": 1})
    assert page.status_code == 409
    assert "Zu spät" in page.content.decode()
    assert draft.entries.get().text == "<p>Alt</p>"


def test_a_text_beyond_measure_is_refused_in_words(client_of, draft, item, planner):
    address = reverse("workspace_minutes_text", args=[draft.pk, item.pk])
    response = client_of(planner).post(address, {"text": "x" * 200_001, "version": 0})
    assert response.status_code == 400
    assert "zu lang" in response.content.decode()


def test_an_item_of_another_meeting_is_not_written(client_of, draft, planner):
    other = AgendaItemFactory()
    response = client_of(planner).post(reverse("workspace_minutes_text", args=[draft.pk, other.pk]), {"version": 0})
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ein <3 Satz", "<p>Ein &lt;3 Satz</p>"),
        ("<p>Gut</p><script>alert(1)</script>", "<p>Gut</p>"),
        ('<p onclick="x()" style="color:red">Gut</p>', "<p>Gut</p>"),
        ('<a href="javascript:alert(1)">Klick</a>', '<a rel="noopener noreferrer">Klick</a>'),
        ("<h2>Kopf</h2><div>Absatz</div>", "<p><strong>Kopf</strong></p><p>Absatz</p>"),
        ("<p class=MsoNormal><b>Fett</b><o:p></o:p></p>", "<p><strong>Fett</strong></p>"),
        (
            "<p class=MsoListParagraphCxSpFirst><![if !supportLists]><span style='mso-list:Ignore'>·<span> </span>"
            "</span><![endif]>Eins</p><p class=MsoListParagraphCxSpLast>Zwei</p>",
            "<ul><li>Eins</li><li>Zwei</li></ul>",
        ),
        ("<style>p{}</style><!--[if gte mso 9]><xml>x</xml><![endif]--><p>Rest</p>", "<p>Rest</p>"),
        ("<img src=x onerror=alert(1)>", ""),
    ],
)
def test_what_is_typed_or_pasted_comes_in_clean(typed, kept):
    assert richtext.clean(typed) == kept


def test_tables_lists_and_links_stay():
    text = (
        '<table><tbody><tr><th>A</th></tr></tbody></table><ol><li>B</li></ol><p><a href="https://example.org">C</a></p>'
    )
    cleaned = richtext.clean(text)
    assert cleaned.replace(' rel="noopener noreferrer"', "") == text
    assert richtext.clean(cleaned) == cleaned


def test_two_versions_stand_side_by_side_with_words_for_what_differs(client_of, draft, item, planner, taker):
    write(draft, item, "Die Wege sind dunkel.", planner)
    write(draft, item, "Die Wege sind beleuchtet.", taker, version=1)
    page = client_of(planner).get(reverse("workspace_minutes_versions", args=[draft.pk, item.pk])).content.decode()
    assert '<del><span class="kern-sr-only">Entfernt: </span>dunkel.</del>' in page
    assert '<ins><span class="kern-sr-only">Neu: </span>beleuchtet.</ins>' in page


def test_a_comparison_shows_markup_as_text():
    made = minutes.compare("", "<p>1 &lt; 2 &lt;script&gt;</p>")
    assert "<script" not in made.right


# ── review and approval ─────────────────────────────────────────────────────────────────────────────────


def test_those_who_were_there_get_a_mail_with_a_link(draft, member, chair, planner, meeting):
    for user, presence in ((member, "present"), (chair, "excused")):
        Attendance.objects.create(meeting=meeting, person=user.person, presence=presence)
    minutes.submit(draft, by=planner, at=NOW, until=dt.date(2026, 3, 25))
    mail = Email.objects.get()
    assert mail.to == ["mira@example.org"]
    assert "25. März 2026" in mail.message
    assert reverse("minutes", args=[meeting.pk]) in mail.message


def test_the_review_cannot_end_before_it_begins(draft, planner):
    with pytest.raises(ValidationError):
        minutes.submit(draft, by=planner, at=NOW, until=dt.date(2026, 3, 1))
    assert Minutes.objects.get().state == "draft"


def test_a_correction_is_proposed_taken_over_and_answered(client_of, draft, item, member, planner):
    minutes.submit(draft, by=planner, at=NOW, until=dt.date(2100, 1, 1))
    address = reverse("workspace_minutes_correct", args=[draft.pk, item.pk])
    assert client_of(member).post(address, {"text": "Es waren fünf Lampen."}).status_code == 302
    correction = draft.corrections.get()
    Email.objects.all().delete()
    client_of(planner).post(reverse("workspace_minutes_answer", args=[correction.pk]), {"take_over": "1", "answer": ""})
    correction = draft.corrections.get()
    assert correction.state == "taken_over"
    assert "übernommen" in Email.objects.get().message


def test_whoever_writes_sees_above_all_what_waits_for_an_answer(read, draft, item, member, planner):
    minutes.submit(draft, by=planner, at=NOW)
    page = reverse("workspace_minutes_write", args=[draft.pk])
    assert "warten auf eine Antwort" not in read("planner", page)
    correction = minutes.propose(draft, item, text="Anders.", by=member, at=NOW)
    seen = read("planner", page)
    assert f'<a href="#top-{item.pk}">TOP 1</a>' in seen[seen.index("warten auf eine Antwort") :]
    minutes.answer(correction, take_over=True, answer="", by=planner, at=NOW)
    assert "warten auf eine Antwort" not in read("planner", page)


def test_declining_a_correction_needs_a_word_and_what_was_typed_stays(client_of, draft, item, member, planner):
    minutes.submit(draft, by=planner, at=NOW)
    correction = minutes.propose(draft, item, text="Anders.", by=member, at=NOW)
    response = client_of(planner).post(reverse("workspace_minutes_answer", args=[correction.pk]), {"decline": "1"})
    assert response.status_code == 200
    assert "warum" in response.content.decode()
    assert draft.corrections.get().state == "proposed"


def test_corrections_are_proposed_during_the_review_only(draft, item, member, citizen, planner):
    with pytest.raises(TransitionNotAllowed):
        minutes.propose(draft, item, text="Zu früh.", by=member, at=NOW)
    minutes.submit(draft, by=planner, at=NOW, until=dt.date(2026, 3, 20))
    with pytest.raises(PermissionDenied):
        minutes.propose(draft, item, text="Fremd.", by=citizen, at=NOW)
    with pytest.raises(TransitionNotAllowed):
        minutes.propose(draft, item, text="Zu spät.", by=member, at=berlin(2026, 3, 21))


def test_a_correction_that_comes_too_late_is_given_back(client_of, draft, item, member):
    minutes.submit(draft, by=None, at=NOW, until=dt.date(2026, 3, 20))
    address = reverse("workspace_minutes_correct", args=[draft.pk, item.pk])
    answer = client_of(member).post(address, {"text": "Es waren fünf Lampen."})
    assert answer.status_code == 409
    assert "Es waren fünf Lampen." in answer.content.decode()
    assert "Die Durchsicht ist beendet." in answer.content.decode()
    assert not draft.corrections.exists()


def test_open_corrections_hold_the_approval_up(draft, item, member, chair, planner):
    minutes.submit(draft, by=planner, at=NOW)
    minutes.propose(draft, item, text="Anders.", by=member, at=NOW)
    with pytest.raises(ValidationError):
        minutes.approve(draft, by=chair, at=NOW)


def test_two_approve_at_once_and_the_second_gets_the_clear_page(client_of, draft, chair, planner):
    minutes.submit(draft, by=planner, at=NOW)
    address = reverse("workspace_minutes_step", args=[draft.pk, "genehmigung"])
    client = client_of(chair)
    read = client.get(address).context["read"]
    assert client.post(address, {"read": read}).status_code == 302
    assert client.post(address, {"read": read}).status_code == 409
    assert Step.objects.filter(name="approve").count() == 1


def test_one_approves_what_one_has_read(client_of, draft, item, chair, planner):
    minutes.submit(draft, by=planner, at=NOW)
    address = reverse("workspace_minutes_step", args=[draft.pk, "genehmigung"])
    client = client_of(chair)
    read = client.get(address).context["read"]
    write(draft, item, "Schnell noch etwas", planner)
    assert client.post(address, {"read": read}).status_code == 409
    assert Minutes.objects.get().state == "in_review"


def test_approved_minutes_stand_as_they_were_read_with_people_and_tasks(
    client_of, draft, item, meeting, member, chair, taker, planner
):
    row = Attendance.objects.create(meeting=meeting, person=member.person, presence="present")
    minutes.submit(draft, by=planner, at=NOW)
    address = reverse("workspace_minutes_step", args=[draft.pk, "genehmigung"])
    browser = client_of(chair)
    for change in (
        lambda: attendance.note(meeting, by=taker, members={row.pk: "absent"}, guests={}),
        lambda: assignments.give(meeting.body, agenda_item=item, title="Angebote holen", by=taker, at=NOW),
    ):
        read = browser.get(address).context["read"]
        change()
        assert browser.post(address, {"read": read}).status_code == 409
    minutes.approve(draft, by=chair, at=NOW)
    before = minutes_content.full(draft)
    for change in (
        lambda: attendance.note(meeting, by=taker, members={row.pk: "present"}, guests={}),
        lambda: attendance.add_guest(meeting, by=taker, at=NOW, name="Gerda Gast"),
        lambda: assignments.give(meeting.body, agenda_item=item, title="Noch etwas", by=taker, at=NOW),
    ):
        with pytest.raises(TransitionNotAllowed):
            change()
    assert minutes_content.full(draft) == before
    room = client_of(taker).get(reverse("workspace_attendance", args=[meeting.pk])).content.decode()
    assert "steht fest" in room
    assert "Gast hinzufügen" not in room


def test_a_later_meeting_of_the_body_approves(draft, planner, meeting):
    minutes.submit(draft, by=planner, at=NOW)
    with pytest.raises(ValidationError):
        minutes.approve(draft, by=planner, at=NOW, in_meeting=MeetingFactory(starts_at=berlin(2026, 6, 1)))
    later = MeetingFactory(body=meeting.body, starts_at=berlin(2026, 6, 10))
    minutes.approve(draft, by=planner, at=berlin(2026, 6, 10), in_meeting=later)
    assert (draft.state, draft.approved_in) == ("approved", later)


# ── publication ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def published(draft, item, meeting, member, chair, planner, working_group):
    """Published minutes full of what must not come out."""
    secret = AgendaItemFactory(meeting=meeting, title="Geheimer Vertrag", position=2, is_public=False)
    named = MembershipFactory(body=working_group, named=True, person__name="Nora Nennbar").person
    for person in (member.person, chair.person, named):
        Attendance.objects.create(meeting=meeting, person=person, presence="present")
    Guest.objects.create(meeting=meeting, name="Gustav Gastmann", presence="present")
    MinutesEntryFactory(
        minutes=draft,
        agenda_item=item,
        text="<p>Vier Lampen sind erledigt, sagt <strong>Mira</strong> Mitglied. Frau Leitung dankt "
        "Gustav Gastmann.</p>",
    )
    MinutesEntryFactory(minutes=draft, agenda_item=secret, text="<p>Der Preis ist streng vertraulich.</p>")
    decisions.decide(draft, item, wording="Die Lampen kommen im Mai.", yes=2, no=0, abstained=1, by=None, at=NOW)
    decisions.decide(draft, secret, wording="Der Vertrag wird verschwiegen.", unanimous=True, by=None, at=NOW)
    approved(draft)
    minutes.publish(draft, by=planner, at=NOW)
    draft.refresh_from_db()
    return draft


SECRETS = (
    "Geheimer Vertrag",
    "vertraulich",
    "verschwiegen",
    "Mira Mitglied",
    "Mira",
    "Lena Leitung",
    "Frau Leitung",
    "Gastmann",
)


def text_of(document):
    with document.file.open() as file, pikepdf.open(io.BytesIO(file.read())) as made:
        return " ".join(" ".join(pdf.page_texts(made)).split())


def test_everyone_reads_exactly_the_public_part(read, published, meeting):
    for address in (reverse("minutes", args=[meeting.pk]), meeting.get_absolute_url()):
        page = read("anonymous", address)
        assert "Die Lampen kommen im Mai." in page
        for secret in SECRETS:
            assert secret not in page, (address, secret)
    page = read("anonymous", reverse("minutes", args=[meeting.pk]))
    assert "Nora Nennbar und 3 weitere Personen" in " ".join(page.split())
    assert "Ja: 2, Nein: 0, Enthaltungen: 1" in page
    assert "Ein Punkt wurde nicht öffentlich beraten." in page


def test_the_public_paper_has_the_public_part_only(published):
    text = text_of(published.public_document)
    assert "Die Lampen kommen im Mai." in text
    assert "Unterschriften" in text
    for secret in SECRETS:
        assert secret not in text, secret
    for word in ("Vertrag", "Mira", "intern"):
        assert word not in published.public_document.filename
        assert word not in published.public_document.title


def test_who_stands_in_for_somebody_is_not_named_in_public_unless_they_agreed(draft, item, meeting, member):
    Attendance.objects.create(
        meeting=meeting, person=member.person, answer="deputy", answered_at=NOW, deputy="Dora Dienst, Jugendamt"
    )
    Guest.objects.create(meeting=meeting, name="Gustav Gastmann", deputy="Nora Nennbar")
    Guest.objects.create(meeting=meeting, name="Gesa Gast", deputy="Vera Vertreterin")
    MembershipFactory(body=meeting.body, named=True, person__name="Nora Nennbar")
    write(
        draft,
        item,
        "Dora Dienst vom Jugendamt, Vera Vertreterin und Nora Nennbar widersprechen. Frau Dienst geht.",
        None,
    )
    [told] = minutes_content.public(draft)["items"]
    assert told["text"] == "<p>[Name] vom Jugendamt, [Name] und Nora Nennbar widersprechen. Frau [Name] geht.</p>"


def test_first_names_of_those_who_did_not_agree_are_listed_before_the_public_reads_them(
    client_of, draft, item, meeting, planner, taker
):
    for name in ("Dr. Gerd Geheim", "Rosa Rar"):
        Guest.objects.create(meeting=meeting, name=name)
    secret = AgendaItemFactory(meeting=meeting, position=2, is_public=False)
    write(draft, item, "Gerds Anregung kommt in die Liste. Gerd Geheim dankt dem Rosarium.", None)
    write(draft, secret, "Rosa und Tom sind dagegen.", None)

    def warned(user, word):
        page = client_of(user).get(reverse("workspace_minutes_step", args=[draft.pk, word]))
        assert ("nicht genannt werden möchten" in page.content.decode()) == bool(page.context["first_names"])
        return page.context["first_names"]

    assert warned(taker, "durchsicht") == ["Gerd"]
    approved(draft)
    assert warned(planner, "veroeffentlichung") == ["Gerd"]
    Meeting.objects.update(is_public=False)
    assert warned(planner, "veroeffentlichung") == []


def test_no_feed_file_name_list_or_search_tells_what_is_not_public(client_of, anonymous, published, meeting):
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=now - dt.timedelta(days=3), ends_at=now - dt.timedelta(days=3, hours=-2)
    )
    browser = client_of(anonymous)
    feeds = ("/sitzungen/kalender.ics", reverse("body_calendar", args=[meeting.body.slug]))
    lists = ("/sitzungen/", "/sitzungen/monat/", meeting.body.get_absolute_url(), "/suche/?q=Lampen", "/")
    for address in (*feeds, reverse("meeting_calendar", args=[meeting.pk]), *lists):
        response = browser.get(address)
        assert response.status_code == 200, address
        told = response.content.decode() + str(response.headers)
        for secret in SECRETS:
            assert secret not in told, (address, secret)
    for address in feeds:
        assert str(meeting.uid) in browser.get(address).content.decode()
    paper = browser.get(published.public_document.get_absolute_url())
    assert b"".join(paper.streaming_content).startswith(b"%PDF")
    for secret in SECRETS:
        assert secret not in str(paper.headers)


def test_members_have_the_full_version_on_page_and_paper(read, published, meeting, member):
    page = read("member", reverse("minutes", args=[meeting.pk]))
    for secret in ("Geheimer Vertrag", "vertraulich", "Lena Leitung", "Gustav Gastmann"):
        assert secret in page, secret
        assert secret in text_of(published.full_document), secret
    assert "Geheimer Vertrag" not in read("member", reverse("minutes", args=[meeting.pk]) + "?fassung=oeffentlich")


def test_the_full_paper_is_for_members(client_of, users, published):
    got_it = set()
    for role, user in users.items():
        response = client_of(user).get(published.full_document.get_absolute_url())
        if response.status_code == 200 and b"".join(response.streaming_content).startswith(b"%PDF"):
            got_it.add(role)
    assert got_it == {"member", "chair", "planner", "operator"}
    assert published.full_document not in Document.objects.visible_to(users["anonymous"])


@pytest.mark.parametrize("word", ["vertraulich", "verschwiegen", "Gastmann", "Geheimer"])
@pytest.mark.parametrize("role", ["anonymous", "member", "planner"])
def test_search_finds_nothing_that_is_not_public(users, published, word, role):
    assert not Minutes.objects.visible_to(users[role]).search(word).exists()
    assert "niederschriften" not in [group.kind.slug for group in portal_search.everywhere(word, users[role])]


def test_search_finds_the_public_part(read, published, meeting):
    page = read("anonymous", "/suche/?q=Lampen")
    assert reverse("minutes", args=[meeting.pk]) in page
    assert "Gastmann" not in page


def test_published_minutes_are_frozen(published, item, planner, meeting):
    before, checksum = published.public_content, published.checksum
    with pytest.raises(TransitionNotAllowed):
        write(published, item, "Nachträglich", planner)
    with pytest.raises(TransitionNotAllowed):
        decisions.decide(published, item, wording="Nachträglich", by=planner, at=NOW)
    meeting.agenda_items.update(title="Umbenannt", is_public=True)
    again = Minutes.objects.get()
    assert (again.public_content, again.checksum) == (before, checksum)
    assert len(checksum) == 64
    with published.public_document.file.open() as file:
        assert hashlib.sha256(file.read()).hexdigest() == published.public_document.sha256


def test_members_too_read_what_stood_there_at_publication(read, published, item, meeting, member, chair):
    def article():
        return read("member", reverse("minutes", args=[meeting.pk])).split("<article")[1].split("</article>")[0]

    before = article()
    meeting.agenda_items.update(title="Umbenannt")
    meeting.attendances.update(presence="absent")
    meeting.guests.all().delete()
    TaskFactory(body=meeting.body, agenda_item=item, title="Nachgereicht")
    assert article() == before
    assert "Geheimer Vertrag" in before


def test_nothing_is_published_if_a_part_of_it_fails(draft, item, planner, monkeypatch, settings):
    write(draft, item, "Text", planner)
    approved(draft)
    taken = steps.take

    def fails(row, name, **arguments):
        if name == "publish":
            raise ConcurrentTransition("somebody was faster")
        return taken(row, name, **arguments)

    monkeypatch.setattr(steps, "take", fails)
    with pytest.raises(ConcurrentTransition):
        minutes.publish(draft, by=planner, at=NOW)
    assert Minutes.objects.get().state == "approved"
    assert not Document.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_publishing_twice_makes_one_publication(client_of, published, planner):
    address = reverse("workspace_minutes_step", args=[published.pk, "veroeffentlichung"])
    assert client_of(planner).post(address).status_code == 409
    assert Document.objects.count() == 2


def test_minutes_of_a_non_public_meeting_stay_inside(client_of, users, draft, item, planner, meeting):
    Meeting.objects.filter(pk=meeting.pk).update(is_public=False)
    write(draft, item, "Nur für uns.", planner)
    approved(draft)
    minutes.publish(draft, by=planner, at=NOW)
    draft.refresh_from_db()
    assert (draft.public_content, draft.public_document, draft.search_text) == ({}, None, "")
    page = reverse("minutes", args=[meeting.pk])
    assert {role for role, user in users.items() if client_of(user).get(page).status_code == 200} == {
        "member",
        "chair",
        "planner",
        "operator",
    }


def test_a_later_mistake_gets_a_dated_correction_beside_the_original(client_of, read, published, planner, meeting):
    address = reverse("workspace_minutes_rectify", args=[published.pk])
    refused = client_of(planner).post(address, {"text": "Das sagte Mira Mitglied.", "is_public": "on"})
    assert "nicht öffentlich genannt" in refused.content.decode()
    assert client_of(planner).post(address, {"text": "Es waren fünf Lampen.", "is_public": "on"}).status_code == 302
    client_of(planner).post(address, {"text": "Intern: der Preis war höher."})
    page = read("anonymous", reverse("minutes", args=[meeting.pk]))
    assert "Es waren fünf Lampen." in page
    assert "Berichtigung vom" in page
    assert "der Preis war höher" not in page
    assert "Vier Lampen" in page


# ── who sees and does what ──────────────────────────────────────────────────────────────────────────────


def test_who_opens_the_minutes_at_work(client_of, users, taker, draft):
    everyone = {**users, "taker": taker}
    page = reverse("workspace_minutes_write", args=[draft.pk])
    inside = {role for role, user in everyone.items() if client_of(user).get(page).status_code == 200}
    assert inside == {"taker", "planner", "operator"}
    minutes.submit(draft, by=None, at=NOW)
    inside = {role for role, user in everyone.items() if client_of(user).get(page).status_code == 200}
    assert inside == {"taker", "member", "chair", "planner", "operator"}


@pytest.mark.parametrize(
    ("word", "state", "expected"),
    [
        ("durchsicht", "draft", {"taker", "planner", "operator"}),
        ("entwurf", "in_review", {"taker", "planner", "operator"}),
        ("genehmigung", "in_review", {"chair", "operator"}),
        ("beschluss-der-sitzung", "in_review", {"taker", "planner", "operator"}),
        ("veroeffentlichung", "approved", {"planner", "operator"}),
    ],
)
def test_who_takes_which_step(client_of, users, taker, meeting, word, state, expected):
    row = MinutesFactory(meeting=meeting, state=state)
    page = reverse("workspace_minutes_step", args=[row.pk, word])
    everyone = {**users, "taker": taker}
    assert {role for role, user in everyone.items() if client_of(user).get(page).status_code == 200} == expected


def test_pages_take_as_many_queries_for_thirty_items_as_for_one(queries, draft, item, meeting, planner):
    MinutesEntryFactory(minutes=draft, agenda_item=item)
    pages = (reverse("workspace_minutes_write", args=[draft.pk]), reverse("minutes", args=[meeting.pk]))
    before = [queries(page, "planner") for page in pages]
    for number in range(2, 31):
        other = AgendaItemFactory(meeting=meeting, position=number)
        MinutesEntryFactory(minutes=draft, agenda_item=other)
        decisions.decide(draft, other, wording="So.", by=None, at=NOW)
    assert [queries(page, "planner") for page in pages] == before
