"""The role table of joining and belonging: every page and every action, for each role."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import dumps
from post_office.models import Email

from dialog.models import (
    Body,
    BodyInvitation,
    Following,
    GroupMail,
    MailPreference,
    MemberImport,
    Membership,
    Merge,
    Organization,
    Person,
    Signature,
    User,
)
from dialog.services import body_invitations, member_lists, merging, preferences
from tests.conftest import ROLES
from tests.factories import (
    BodyInvitationFactory,
    DeclarationFactory,
    GroupMailFactory,
    OrganizationFactory,
    PersonFactory,
    SignatureFactory,
    UserFactory,
    berlin,
)

ALL = set(ROLES)
SIGNED_IN = ALL - {"anonymous"}
RUNS = {"planner", "operator"}
LEADS = RUNS | {"chair"}

AT = berlin(2026, 3, 2)
SOON = berlin(2090, 1, 1)
GROUP = "/gremien/wohnen-und-quartier/"
DESK = "/arbeitsbereich/mitglieder/wohnen-und-quartier/"
TOKEN = "ein-zeichen-aus-der-mail"


@pytest.fixture
def rows(applicant, member, chair, citizen, planner, working_group):
    """What the actions are about; the invitation is for the citizen's address."""
    someone = PersonFactory(name="Rita Papier", email="rita@example.org")
    account = PersonFactory(name="Rita Konto", user=UserFactory(email="rita@example.org"))
    invitation = BodyInvitationFactory(
        body=working_group, email=citizen.email, expires_at=SOON, token_hash=body_invitations._hash(TOKEN)
    )
    return {
        "group": working_group,
        "request": working_group.memberships.get(person__user=applicant),
        "membership": working_group.memberships.get(person__user=member),
        "person": citizen.person,
        "paper": someone,
        "account": account,
        "invitation": invitation,
        "mail": GroupMailFactory(body=working_group, by=planner),
        "declaration": DeclarationFactory(slug="bildung"),
        "signature": SignatureFactory(requested=True),
        "organization": OrganizationFactory(slug="verein"),
        "unsubscribe": preferences.unsubscribe_address(citizen.person, "news").split("/")[-2],
    }


def path(address: str, rows) -> str:
    return address.format_map({name: getattr(row, "pk", row) for name, row in rows.items()})


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────

#: Address → who gets in. The pages of the workspace stand in the table of the ground floor, `test_rules.PAGES`.
PAGES = {
    "/arbeitsgruppen/": ALL,
    "/gremien/": ALL,
    "/mitmachen/": ALL,
    GROUP: ALL,
    GROUP + "kalender.ics": ALL,
    "/institutionen/": ALL,
    "/institutionen/verein/": ALL,
    "/erklaerungen/": ALL,
    "/erklaerungen/bildung/": ALL,
    "/konto/": SIGNED_IN,
    "/konto/zustimmungen/": SIGNED_IN,
    "/konto/nachrichten/": SIGNED_IN,
    "/konto/daten/": SIGNED_IN,
    "/konto/daten/meine-daten.json": SIGNED_IN,
    "/konto/loeschen/": SIGNED_IN,
    "/konto/geraete/": SIGNED_IN,
    # Who holds the token of a mail gets in without signing in; an invitation is for one address.
    "/abbestellen/{unsubscribe}/": ALL,
    "/abbestellen/falsch/": set(),
    f"/mitgliedschaften/einladung/{TOKEN}/": {"anonymous", "citizen"},
    "/mitgliedschaften/einladung/falsch/": set(),
}


@pytest.mark.parametrize("address", PAGES)
def test_who_gets_in(client_of, users, rows, address):
    found = {role for role, user in users.items() if client_of(user).get(path(address, rows)).status_code == 200}
    assert found == PAGES[address]


# ── actions ─────────────────────────────────────────────────────────────────────────────────────────────


def state(model, name: str):
    """Whether the row `name` of `model` is in another state than at the beginning."""
    return lambda rows, user: model.objects.get(pk=rows[name].pk).state != rows[name].state


def own_request(rows, user) -> bool:
    return Membership.objects.requested().filter(person__user=user, message="Ich bin neu.").exists()


def consent(rows, user) -> bool:
    return Membership.objects.get(pk=rows["membership"].pk).name_public


def role(rows, user) -> bool:
    return Membership.objects.get(pk=rows["membership"].pk).role == "minute_taker"


def renamed(rows, user) -> bool:
    return Person.objects.get(pk=rows["person"].pk).name == "Carla Anders"


def exists(model, **values):
    return lambda rows, user: model.objects.filter(**values).exists()


def released(rows, user) -> bool:
    return GroupMail.objects.get(pk=rows["mail"].pk).released_at is not None


def wishes(rows, user) -> bool:
    return MailPreference.objects.filter(person__user=user, rhythm="weekly").count() == len(
        MailPreference.Category.values
    )


def sent_to_oneself(rows, user) -> bool:
    return user is not None and Email.objects.filter(subject=rows["mail"].subject, to=user.email).exists()


def language(rows, user) -> bool:
    return user is not None and Person.objects.filter(user=user, language="de").exists()


def follows(rows, user) -> bool:
    return user is not None and Following.objects.of(rows["group"]).filter(person__user=user).exists()


def closed(rows, user) -> bool:
    return not Body.objects.get(pk=rows["group"].pk).is_open


def gone(rows, user) -> bool:
    return user is not None and not User.objects.filter(pk=user.pk).exists()


def a_list() -> SimpleUploadedFile:
    table = [";".join(member_lists.COLUMNS), ";Paul Papier;;Mitglied;;;1.1.2026;nein"]
    return SimpleUploadedFile("liste.csv", "\n".join(table).encode())


#: The page of a body's rules, with the standing items left out.
CLOSED = {
    "form-TOTAL_FORMS": "0",
    "form-INITIAL_FORMS": "0",
    "invitation_days": "14",
    "closed_reason": "Die Gruppe ist voll besetzt.",
}
ENTRY = {"name": "Paul Papier", "role": "member", "starts_on": "2026-01-01"}

#: What is done → (address, what is posted, what then has changed, who can).
ACTIONS = {
    "ask to join": (
        GROUP + "mitmachen/",
        {"message": "Ich bin neu."},
        own_request,
        {"citizen", "planner", "lead_contact", "operator"},
    ),
    "withdraw": ("/mitgliedschaften/{request}/zurueckziehen/", {}, state(Membership, "request"), {"applicant"}),
    "leave": ("/mitgliedschaften/{membership}/beenden/", {}, state(Membership, "membership"), {"member"}),
    "consent": ("/mitgliedschaften/{membership}/name/", {"name_public": "on"}, consent, {"member"}),
    "accept": ("/arbeitsbereich/antraege/{request}/", {"accept": "1"}, state(Membership, "request"), LEADS),
    "decline": (
        "/arbeitsbereich/antraege/{request}/",
        {"decline": "1", "reason": "Kein Platz."},
        state(Membership, "request"),
        LEADS,
    ),
    "change a role": (
        "/arbeitsbereich/mitgliedschaften/{membership}/",
        {"change": "1", "role": "minute_taker"},
        role,
        RUNS,
    ),
    "end": (
        "/arbeitsbereich/mitgliedschaften/{membership}/",
        {"end": "1", "reason": "Weggezogen."},
        state(Membership, "membership"),
        RUNS,
    ),
    "enter": (DESK + "eintragen/", ENTRY, exists(Membership, person__name="Paul Papier"), RUNS),
    "invite": (
        DESK + "einladen/",
        {"email": "neu@example.org", "role": "member"},
        exists(BodyInvitation, email="neu@example.org"),
        LEADS,
    ),
    "revoke": (
        "/arbeitsbereich/mitgliedseinladungen/{invitation}/zuruecknehmen/",
        {},
        state(BodyInvitation, "invitation"),
        LEADS,
    ),
    "accept an invitation": (
        f"/mitgliedschaften/einladung/{TOKEN}/",
        {"accept": "1"},
        state(BodyInvitation, "invitation"),
        {"citizen"},
    ),
    "decline an invitation": (
        f"/mitgliedschaften/einladung/{TOKEN}/",
        {"decline": "1"},
        state(BodyInvitation, "invitation"),
        {"citizen", "anonymous"},
    ),
    "write": (
        DESK + "schreiben/",
        {"subject": "Neues", "text": "Guten Tag"},
        exists(GroupMail, subject="Neues"),
        LEADS,
    ),
    "change a mail": (
        "/arbeitsbereich/nachrichten/{mail}/",
        {"save": "1", "subject": "Anders", "text": "Guten Abend"},
        exists(GroupMail, subject="Anders"),
        LEADS,
    ),
    "send it to oneself": ("/arbeitsbereich/nachrichten/{mail}/", {"test": "1"}, sent_to_oneself, LEADS),
    "send": ("/arbeitsbereich/nachrichten/{mail}/", {"send": "1"}, released, LEADS),
    "read a list in": (DESK + "import/", a_list, exists(MemberImport), RUNS),
    "close a group": (
        "/arbeitsbereich/gremien/wohnen-und-quartier/staendige-punkte/",
        CLOSED,
        closed,
        RUNS,
    ),
    "enter an institution": (
        "/arbeitsbereich/institutionen/neu/",
        {"name": "Kulturverein", "kind": "association"},
        exists(Organization, name="Kulturverein"),
        RUNS,
    ),
    "correct a person": ("/arbeitsbereich/personen/{person}/", {"name": "Carla Anders"}, renamed, RUNS),
    "merge": (
        "/arbeitsbereich/personen/doppelt/{paper}/{account}/",
        {},
        exists(Merge, state="merged"),
        RUNS,
    ),
    "tell two people apart": (
        "/arbeitsbereich/personen/doppelt/{paper}/{account}/",
        {"dismiss": "1"},
        exists(Merge, state="dismissed"),
        RUNS,
    ),
    "sign a declaration": (
        "/erklaerungen/bildung/beitreten/",
        {"organization": "{organization}", "message": "Darf ich?"},
        exists(Signature, message="Darf ich?"),
        SIGNED_IN,
    ),
    "publish a signature": (
        "/arbeitsbereich/beitritte/{signature}/",
        {"publish": "1", "on": "2026-03-01"},
        state(Signature, "signature"),
        RUNS,
    ),
    "decline a signature": (
        "/arbeitsbereich/beitritte/{signature}/",
        {"decline": "1", "reason": "Unbekannt."},
        state(Signature, "signature"),
        RUNS,
    ),
    "choose mails": (
        "/konto/nachrichten/",
        dict.fromkeys(MailPreference.Category.values, "weekly"),
        wishes,
        SIGNED_IN,
    ),
    "choose a language": ("/konto/sprache/", {"language": "de"}, language, SIGNED_IN),
    "follow a group": ("/folgen/gremium/{group}/", {}, follows, SIGNED_IN),
    "unsubscribe": ("/abbestellen/{unsubscribe}/", {}, exists(MailPreference, rhythm="none"), ALL),
    "close the account": ("/konto/loeschen/", {"email": "{own}"}, gone, SIGNED_IN - {"operator"}),
}


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", ACTIONS)
def test_who_may_do_it(client_of, request, rows, name, who):
    address, data, has_changed, expected = ACTIONS[name]
    user = request.getfixturevalue(who)
    words = {**rows, "own": getattr(user, "email", "")}
    posted = {"file": data()} if callable(data) else {key: path(value, words) for key, value in data.items()}
    assert not has_changed(rows, user if user.is_authenticated else None)
    client_of(user).post(path(address, rows), posted)
    assert has_changed(rows, user if user.is_authenticated else None) == (who in expected)


@pytest.mark.parametrize("who", ROLES)
def test_who_may_undo_a_merge(client_of, request, rows, planner, who):
    row = merging.merge(rows["paper"], rows["account"], by=planner, at=AT)
    client_of(request.getfixturevalue(who)).post(f"/arbeitsbereich/personen/doppelt/{row.pk}/rueckgaengig/")
    row.refresh_from_db()
    assert (row.state == "offered") == (who in RUNS)


@pytest.mark.parametrize("who", ROLES)
def test_who_may_take_a_list_over(client_of, request, working_group, planner, who):
    job = member_lists.upload(working_group, a_list(), by=planner, at=AT)
    MemberImport.objects.update(state=MemberImport.State.CHECKED)
    row = MemberImport.objects.get()
    response = client_of(request.getfixturevalue(who)).post(row.get_absolute_url())
    assert response.get("Location", "").startswith("/auftraege/") == (who in RUNS)
    assert job.pk


def test_a_token_for_another_purpose_unsubscribes_nobody(client, citizen):
    forged = dumps([citizen.person.pk, "news"], salt="another")
    assert client.post(f"/abbestellen/{forged}/").status_code == 404
    assert not MailPreference.objects.exists()
