import pytest
from celery import Celery
from django.db import transaction
from post_office.models import STATUS, Email

from dialog.services import mails, memberships
from luener_dialog.celery import app
from tests.factories import BodyFactory, PersonFactory, UserFactory, berlin
from tests.worker import running, wait_until

AT = berlin(2026, 3, 2)


def test_everyone_gets_their_own_mail(applicant, working_group):
    membership = working_group.memberships.get()
    people = [PersonFactory(email="a@example.org"), PersonFactory(email="b@example.org"), PersonFactory(email="")]
    assert mails.send("membership_accepted", people, category=mails.ALWAYS, membership=membership) == 2
    assert sorted(mail.to for mail in Email.objects.all()) == [["a@example.org"], ["b@example.org"]]


def test_a_mail_of_a_transaction_that_is_undone_is_not_sent(applicant, planner, working_group):
    with pytest.raises(RuntimeError), transaction.atomic():
        memberships.accept(working_group.memberships.get(), by=planner, at=AT)
        raise RuntimeError
    assert not Email.objects.exists()


def test_markup_in_a_name_is_not_escaped_in_a_mail_and_cannot_add_headers(db):
    group = BodyFactory(name="Wege & Plätze")
    person = PersonFactory(name="Eva\nBcc: alle@example.org <b>", user=UserFactory())
    membership = memberships.request(group, by=person.user, at=AT)
    mail = Email.objects.filter(to=person.user.email).get()
    assert mail.subject == "Ihr Antrag: Arbeitsgruppe Wege & Plätze"
    assert "&amp;" not in mail.message
    assert membership.person == person
    assert mail.bcc == []


@pytest.fixture
def dead_broker():
    """Celery, with nobody at the broker's address."""
    dead = Celery("dead", broker="redis://127.0.0.1:1/0")
    dead.conf.task_publish_retry = False
    dead.set_current()
    yield
    app.set_current()


@pytest.mark.django_db(transaction=True)
def test_a_dead_broker_breaks_no_page(client_of, dead_broker):
    """The mail stays in the outbox, and the schedule sends it later."""
    person = PersonFactory(name="Carla", user=UserFactory())
    response = client_of(person.user).post(f"/gremien/{BodyFactory().slug}/mitmachen/", {"message": "Hallo"})
    assert response.status_code == 302
    assert Email.objects.filter(to=person.user.email, status=STATUS.queued).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_the_mail_after_the_commit(settings):
    person = PersonFactory(name="Carla", user=UserFactory())
    with running():
        memberships.request(BodyFactory(), by=person.user, at=AT)
        wait_until(lambda: Email.objects.filter(status=STATUS.sent).count() == 1)
    letters = [path.read_text() for path in (settings.DATA_DIR / "mails").iterdir()]
    assert any(person.user.email in letter for letter in letters)
