"""Following: a button, a list of one's own, and mails as often as their reader wants them."""

import pytest
from post_office.models import Email

from dialog.models import DigestEntry, Following
from dialog.services import followings, minutes, preferences, recommendations
from tests.factories import MeetingFactory, MinutesFactory, RecommendationFactory, berlin

pytestmark = pytest.mark.django_db
NOW = berlin(2026, 11, 23)


def test_the_button_begins_and_ends_following(client_of, citizen):
    row = RecommendationFactory(title="Ganztag ausbauen")
    client, address = client_of(citizen), f"/folgen/empfehlung/{row.pk}/"
    assert 'name="follow" value="on"' in client.get(row.get_absolute_url()).content.decode()

    for _twice in range(2):
        response = client.post(address, {"follow": "on"})
        assert (response.status_code, response["Location"]) == (302, row.get_absolute_url())
    assert Following.objects.get().person == citizen.person
    assert 'name="follow" value="off"' in client.get(row.get_absolute_url()).content.decode()
    assert "Ganztag ausbauen" in client.get("/konto/").content.decode()

    assert client.post(address, {"follow": "off", "next": "/konto/"})["Location"] == "/konto/"
    assert not Following.objects.exists()


def test_whoever_is_not_signed_in_is_led_there_and_back(client):
    row = RecommendationFactory()
    content = client.get(row.get_absolute_url()).content.decode()
    assert f'href="/konto/anmelden/?next={row.get_absolute_url()}"' in content
    assert "csrfmiddlewaretoken" not in content
    assert client.post(f"/folgen/empfehlung/{row.pk}/")["Location"].startswith("/konto/anmelden/")


@pytest.mark.parametrize("address", ["/folgen/empfehlung/99999/", "/folgen/person/1/", "/folgen/empfehlung/{draft}/"])
def test_what_one_may_not_read_cannot_be_followed(client_of, citizen, address):
    draft = RecommendationFactory(drafted=True)
    assert client_of(citizen).post(address.format(draft=draft.pk)).status_code == 404
    assert not Following.objects.exists()


def test_no_way_leads_out_of_the_portal(client_of, citizen):
    row = RecommendationFactory()
    response = client_of(citizen).post(f"/folgen/empfehlung/{row.pk}/", {"next": "https://example.com/"})
    assert response["Location"] == row.get_absolute_url()


def test_a_step_is_mailed_with_the_way_to_unsubscribe(citizen, planner):
    row = RecommendationFactory(title="Ganztag ausbauen", state="presented")
    for user in (citizen, planner):
        followings.follow(row, by=user, at=NOW)
    recommendations.take_step(row, "reject", by=planner, at=NOW, reason="Die Räume fehlen.")

    mail = Email.objects.get()
    assert mail.to == [citizen.email]
    assert mail.subject == "„Ganztag ausbauen“: nicht weiterverfolgt"
    assert "Die Räume fehlen." in mail.message
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert row.get_absolute_url() in mail.message


@pytest.mark.parametrize(("rhythm", "waiting"), [("daily", 1), ("weekly", 1), ("none", 0)])
def test_the_rhythm_is_the_readers(citizen, planner, rhythm, waiting):
    row = RecommendationFactory(state="presented")
    followings.follow(row, by=citizen, at=NOW)
    preferences.choose(citizen.person, {"news": rhythm})
    recommendations.take_step(row, "adopt", by=planner, at=NOW)
    assert not Email.objects.exists()
    assert DigestEntry.objects.filter(person=citizen.person).count() == waiting


def test_news_of_what_one_may_no_longer_read_do_not_come(citizen, member, planner, working_group):
    draft = RecommendationFactory(drafted=True, body=working_group, title="Noch im Entwurf")
    followings.follow(draft, by=member, at=NOW)
    followings.follow(draft, by=citizen, at=NOW)
    working_group.memberships.filter(person__user=member).delete()
    assert followings.tell("recommendation_moved", draft, by=planner) == 0
    assert followings.followed_by(citizen) == []


def test_many_followings_take_no_more_queries(citizen, queries):
    followings.follow(RecommendationFactory(), by=citizen, at=NOW)
    one = queries("/konto/", "citizen")
    for _n in range(29):
        followings.follow(RecommendationFactory(), by=citizen, at=NOW)
    assert queries("/konto/", "citizen") == one


@pytest.mark.parametrize(("is_public", "told"), [(True, 1), (False, 0)])
def test_who_follows_a_body_hears_of_its_public_minutes(client_of, citizen, planner, working_group, is_public, told):
    browser = client_of(citizen)
    browser.post(f"/folgen/gremium/{working_group.pk}/", {"follow": "on"})
    assert 'name="follow" value="off"' in browser.get(working_group.get_absolute_url()).content.decode()
    meeting = MeetingFactory(body=working_group, is_public=is_public, held=True)
    minutes.publish(MinutesFactory(meeting=meeting, state="approved"), by=planner, at=NOW)
    mails = Email.objects.filter(to=citizen.email)
    assert mails.count() == told
    if told:
        assert f"/sitzungen/{meeting.pk}/niederschrift/" in mails.get().message
        assert "List-Unsubscribe" in mails.get().headers
    assert "Wohnen und Quartier" in browser.get("/konto/daten/meine-daten.json").content.decode()
