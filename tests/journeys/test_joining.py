"""A citizen joins a working group: from the mail code to the group's internal papers, and out again."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from dialog.models import Attendance, Membership
from dialog.services import jobs, meeting_invitations
from tests.factories import AgendaItemFactory, MeetingFactory


def newest_mail(address: str) -> Email:
    return Email.objects.filter(to=address).latest("id")


def code_in(mail: Email) -> str:
    """The code that stands alone on a line."""
    found = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", mail.message, re.MULTILINE)
    assert found, mail.message
    return found.group(1)


@pytest.mark.django_db
def test_from_sign_up_to_leaving(client_of, chair, planner, working_group):
    internal = MeetingFactory(body=working_group, is_public=False)
    citizen = Client()

    # Wants to join, has no account, signs up with name and mail address.
    sent_to = citizen.get(f"/gremien/{working_group.slug}/mitmachen/")
    assert sent_to.status_code == 302
    citizen.post("/konto/registrieren/", {"name": "Ayşe Yılmaz", "email": "Ayse@Example.org"}, follow=True)
    confirmed = citizen.post(
        "/konto/registrieren/bestaetigen/", {"code": code_in(newest_mail("ayse@example.org"))}, follow=True
    )
    assert confirmed.status_code == 200
    assert "Ayşe Yılmaz" in citizen.get("/konto/").content.decode()

    # Asks, is declined with a reason, asks again.
    citizen.post(f"/gremien/{working_group.slug}/mitmachen/", {"message": "Ich wohne um die Ecke."})
    request = Membership.objects.get(person__user__email="ayse@example.org")
    desk = client_of(chair)
    assert "Ayşe Yılmaz" in desk.get("/arbeitsbereich/antraege/").content.decode()
    assert desk.post(f"/arbeitsbereich/antraege/{request.pk}/", {"decline": "1", "reason": ""}).status_code == 200
    desk.post(f"/arbeitsbereich/antraege/{request.pk}/", {"decline": "1", "reason": "Erst ab Mai wieder Platz."})
    assert "Erst ab Mai wieder Platz." in newest_mail("ayse@example.org").message
    assert "Erst ab Mai wieder Platz." in citizen.get("/konto/").content.decode()
    assert citizen.get(internal.get_absolute_url()).status_code == 404
    citizen.post(f"/gremien/{working_group.slug}/mitmachen/", {"message": "Dann jetzt."})

    # The planning group accepts; she sees what is the group's.
    again = Membership.objects.get(person__user__email="ayse@example.org", state="requested")
    client_of(planner).post(f"/arbeitsbereich/antraege/{again.pk}/", {"accept": "1"})
    assert newest_mail("ayse@example.org").subject == "Willkommen: Arbeitsgruppe Wohnen und Quartier"
    assert citizen.get(internal.get_absolute_url()).status_code == 200

    # The next meeting's invitation reaches her, and she answers it by its link.
    coming = MeetingFactory(
        body=working_group,
        starts_at=timezone.now() + dt.timedelta(days=10),
        ends_at=timezone.now() + dt.timedelta(days=10, hours=2),
    )
    AgendaItemFactory(meeting=coming)
    jobs.run(meeting_invitations.send(coming, by=planner, at=timezone.now()).pk)
    link = re.search(r"http\S+(/sitzungen/antwort/[^\s?]+)", newest_mail("ayse@example.org").message)
    assert link
    citizen.post(link.group(1), {"answer": "yes"})
    assert Attendance.objects.get(meeting=coming, person__user__email="ayse@example.org").answer == "yes"

    # She leaves, after being asked once, and sees it no longer.
    assert citizen.get(f"/mitgliedschaften/{again.pk}/beenden/").status_code == 200
    citizen.post(f"/mitgliedschaften/{again.pk}/beenden/")
    assert citizen.get(internal.get_absolute_url()).status_code == 404
    again.refresh_from_db()
    assert again.state == "ended"

    # Comes back another day by mail code alone.
    returning = Client()
    returning.post("/konto/anmelden/code/", {"email": "ayse@example.org"}, follow=True)
    returning.post("/konto/anmelden/code/eingeben/", {"code": code_in(newest_mail("ayse@example.org"))})
    assert returning.get("/konto/").status_code == 200
