"""A citizen's question: asked, confirmed, passed on, answered, perhaps published, and forgotten."""

import datetime as dt
import json
import re

import pytest
from django.core.cache import cache
from post_office.models import Email

from dialog.models import Step
from measures.models import Question
from measures.services import questions
from tests.factories import MeasureFactory, QuestionFactory, berlin

pytestmark = pytest.mark.django_db
NOW = berlin(2026, 11, 23)
TYPED = {"name": "Frieda Frage", "email": "Frieda@Example.com", "text": "Wann geht es los?"}


def address(measure):
    return f"/massnahmen/{measure.number}/frage/"


def mail_to(address):
    return Email.objects.get(to=address)


def test_a_stranger_asks_confirms_and_gets_the_answer(client, client_of, measure, planner, lead_contact):
    response = client.post(address(measure), TYPED | {"name_public": "on"})
    question = Question.objects.get()
    assert "E-Mail an frieda@example.com" in response.content.decode()
    assert question.state == "unconfirmed"
    assert not Email.objects.filter(to=planner.email).exists()

    link = re.search(r"http\S+(/fragen/\S+)", mail_to("frieda@example.com").message).group(1)
    assert "Wann geht es los?" in client.get(link).content.decode()
    question.refresh_from_db()
    assert question.state == "unconfirmed"
    for _twice in range(2):
        assert "Ihre Frage ist angekommen" in client.post(link).content.decode()
    question.refresh_from_db()
    assert question.state == "received"
    assert question.get_absolute_url() in mail_to(planner.email).message

    inside = client_of(planner)
    assert "Wann geht es los?" in inside.get("/arbeitsbereich/").content.decode()
    assert client_of(lead_contact).get(question.get_absolute_url()).status_code == 404
    inside.post(question.get_absolute_url(), {"action": "forward"})
    assert question.get_absolute_url() in mail_to(lead_contact.email).message

    asked = client_of(lead_contact)
    content = asked.get(question.get_absolute_url()).content.decode()
    assert "Wann geht es los?" in content
    assert "frieda@example.com" not in content
    asked.post(question.get_absolute_url(), {"action": "answer", "text": "Im Frühjahr 2027.", "publish": "on"})
    question.refresh_from_db()
    assert (question.state, question.answer, question.published_at) == ("answered", "Im Frühjahr 2027.", None)
    assert "Im Frühjahr 2027." in Email.objects.filter(to="frieda@example.com").latest("pk").message
    assert "Im Frühjahr 2027." not in client.get(measure.get_absolute_url()).content.decode()

    inside.post(question.get_absolute_url(), {"action": "show"})
    content = client.get(measure.get_absolute_url()).content.decode()
    for words in ("Wann geht es los?", "Im Frühjahr 2027.", "Frieda Frage"):
        assert words in content
    assert "frieda@example.com" not in content
    inside.post(question.get_absolute_url(), {"action": "hide"})
    assert "Im Frühjahr 2027." not in client.get(measure.get_absolute_url()).content.decode()
    assert list(Step.objects.of(question).values_list("name", flat=True)) == [
        "confirm", "forward", "give_answer", "publish", "withdraw",
    ]  # fmt: skip


def test_whoever_is_signed_in_need_not_confirm_and_asks_under_their_own_address(client_of, citizen, measure, planner):
    client_of(citizen).post(address(measure), TYPED)
    question = Question.objects.get()
    assert (question.state, question.email) == ("received", citizen.email)


def test_without_consent_no_name_stands_there(client, client_of, planner):
    question = QuestionFactory(text="Kommt ein Zaun?")
    client_of(planner).post(
        question.get_absolute_url(), {"action": "answer", "text": "Ja, eine Hecke.", "publish": "on"}
    )
    content = client.get(question.measure.get_absolute_url()).content.decode()
    assert "Ja, eine Hecke." in content
    assert "Frieda" not in content


@pytest.mark.parametrize(
    "change",
    [{"text": ""}, {"email": "keine-adresse"}, {"name": ""}, {"text": "x" * 3001}, {"website": "http://spam.example"},
     {"text": "Null\x00byte"}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_lost(client, measure, change):
    content = client.post(address(measure), TYPED | change).content.decode()
    assert "kern-error" in content or "error" in content
    assert "Frieda" in content or "name" in change
    assert not Question.objects.exists()
    assert not Email.objects.exists()


def test_too_many_from_one_place_wait(client, measure):
    cache.clear()
    for _n in range(10):
        client.post(address(measure), TYPED)
    content = client.post(address(measure), TYPED).content.decode()
    assert "in einer Stunde" in content
    assert Question.objects.count() == 10


def test_of_a_proposal_nobody_outside_may_ask(client):
    assert client.get(address(MeasureFactory(proposed=True))).status_code == 404


@pytest.mark.parametrize("token", ["unsinn", "1", "%00"])
def test_a_forged_link_confirms_nothing(client, token):
    question = QuestionFactory(state="unconfirmed")
    assert client.post(f"/fragen/{token}/").status_code == 404
    question.refresh_from_db()
    assert question.state == "unconfirmed"


def test_a_second_answer_is_refused(client_of, planner):
    question = QuestionFactory(answered=True)
    content = client_of(planner).get(question.get_absolute_url()).content.decode()
    assert "Antwort abschicken" not in content
    client_of(planner).post(question.get_absolute_url(), {"action": "answer", "text": "Doch nicht."})
    question.refresh_from_db()
    assert question.answer == "Im Frühjahr."


def test_an_unknown_contact_is_said_and_a_dismissal_needs_a_reason(client_of, planner):
    question = QuestionFactory()
    inside = client_of(planner)
    content = inside.post(question.get_absolute_url(), {"action": "forward"}).content.decode()
    assert "keine Ansprechperson" in content
    inside.post(question.get_absolute_url(), {"action": "dismiss", "reason": " "})
    question.refresh_from_db()
    assert question.state == "received"
    inside.post(question.get_absolute_url(), {"action": "dismiss", "reason": "Werbung"})
    question.refresh_from_db()
    assert question.state == "dismissed"


def test_what_is_no_longer_needed_is_forgotten():
    half_a_year = NOW - questions.KEPT - dt.timedelta(days=1)
    old = {"answered_at": half_a_year, "asked_at": half_a_year}
    QuestionFactory(state="unconfirmed", asked_at=NOW - dt.timedelta(days=3))
    waiting = QuestionFactory(asked_at=half_a_year)
    QuestionFactory(answered=True, **old)
    QuestionFactory(state="dismissed", asked_at=half_a_year)
    nameless = QuestionFactory(published=True, **old)
    named = QuestionFactory(published=True, name_public=True, **old)
    fresh = QuestionFactory(answered=True)

    assert questions.forget(NOW) == 5
    kept = {row.pk: (row.name, row.email) for row in Question.objects.all()}
    assert kept == {
        waiting.pk: ("Frieda Frage", "frieda@example.com"),
        nameless.pk: ("", ""),
        named.pk: ("Frieda Frage", ""),
        fresh.pk: ("Frieda Frage", "frieda@example.com"),
    }
    assert questions.forget(NOW) == 0


def test_the_file_of_an_account_has_its_questions_and_its_end_forgets_them(client_of, citizen):
    mine = {"email": citizen.email.upper(), "name": "Carla Bürgerin"}
    open_one = QuestionFactory(text="Wann kommt der Bus?", **mine)
    public = QuestionFactory(published=True, name_public=True, text="Kommt ein Zaun?", **mine)
    other = QuestionFactory(text="Geht Sie nichts an.")
    browser = client_of(citizen)
    content = browser.get("/konto/daten/meine-daten.json").content.decode()
    told = json.loads(content)["Fragen zu Maßnahmen"]
    assert {row["Ihre Frage"] for row in told} == {"Wann kommt der Bus?", "Kommt ein Zaun?"}
    assert {row["Maßnahme"] for row in told} == {str(open_one.measure), str(public.measure)}
    assert "Geht Sie nichts an." not in content

    browser.post("/konto/loeschen/", {"email": citizen.email})
    assert set(Question.objects.values_list("pk", "name", "email")) == {
        (public.pk, "", ""),
        (other.pk, "Frieda Frage", "frieda@example.com"),
    }
    assert "Carla" not in browser.get(public.measure.get_absolute_url()).content.decode()


def test_thirty_questions_take_no_more_queries_than_one(queries):
    QuestionFactory()
    QuestionFactory(answered=True)
    one = queries("/arbeitsbereich/fragen/", "planner")
    for _n in range(29):
        QuestionFactory()
        QuestionFactory(answered=True)
    assert queries("/arbeitsbereich/fragen/", "planner") == one
