"""From opening to noted: three groups, one agrees, one dissents, one is silent; then the paper is read back."""

import datetime as dt
from typing import Any

import pikepdf
import pytest
from django.utils import timezone
from post_office.models import Email

from dialog.models import JobRun
from dialog.services import jobs, pdf
from measures.models import CouncilReport, ReportEdition
from measures.services import report_content, reports
from tests.factories import BodyFactory, MeasureFactory, MembershipFactory, PersonFactory, UserFactory
from tests.paper import Text

pytestmark = pytest.mark.django_db


def lead_of(name: str, **body: Any) -> Any:
    person = PersonFactory(name=f"Leitung {name}", user=UserFactory(email=f"{name.lower()}@example.org"))
    return MembershipFactory(body=BodyFactory(name=name, slug=name.lower(), **body), person=person, chair=True).person


def test_a_report_goes_from_opening_to_noted(client: Any, client_of: Any, planner: Any) -> None:
    today = timezone.localdate()
    year = reports.year_due(today)
    measure = MeasureFactory(title="Soziale Stadt Gahmen")
    agreeing, dissenting, _silent = lead_of("Wohnen"), lead_of("Arbeit"), lead_of("Sport")
    mayor = lead_of("Steuerungsgruppe", steering_group=True)
    MembershipFactory(body=BodyFactory(name="Rat", council=True), person=PersonFactory(email="rat@example.org"))
    office, home = client_of(planner), f"/arbeitsbereich/berichte/{year}/"

    office.post("/arbeitsbereich/berichte/", {"year": year})
    jobs.run(JobRun.objects.get().pk)
    office.post(f"{home}texte/foreword/", {"text": "Ein gutes Jahr für den Dialog.", "version": 0})
    office.post(f"{home}gather/", {"updates_until": today})
    office.post(f"{home}consult/", {"consultation_until": today})
    for person, word in ((agreeing, ("agrees", "")), (dissenting, ("dissents", "Das sehen wir anders."))):
        slug = person.memberships.get().body.slug
        answer = client_of(person.user).post(
            f"/berichte/{year}/stellungnahme/{slug}/", {"position": word[0], "text": word[1], "decided_on": today}
        )
        assert answer.status_code == 302
    assert "Es fehlen: Sport" in office.post(f"{home}freeze/").content.decode()

    # The last day of the consultation passes.
    CouncilReport.objects.update(consultation_until=today - dt.timedelta(days=1))
    office.post(f"{home}freeze/")
    job = JobRun.objects.open().get()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert client.get(f"/berichte/{year}/").status_code == 404
    client_of(mayor.user).post(f"{home}approve/")
    office.post(f"{home}hand_over/", {"paper_number": "VL-154"})
    office.post(f"{home}note/", {"noted_on": today, "outcome": "taken_note", "vote": "einstimmig"})

    report, edition = CouncilReport.objects.get(), ReportEdition.objects.get()
    assert report.state == "noted"
    measure.delete()
    page = client.get(f"/berichte/{year}/").content.decode()
    with pikepdf.open(edition.document.file.path) as file:
        paper = Text(" ".join(pdf.page_texts(file)))
    snapshot = edition.snapshot
    facts = [
        *(row["title"] for row in report_content.all_measures(snapshot["fields"])),
        *(row["body"] for row in snapshot["statements"]),
        *(row["position_label"] for row in snapshot["statements"]),
        *snapshot["silent_groups"],
        snapshot["texts"]["foreword"],
        "Das sehen wir anders.",
        "Keine Stellungnahme",
        edition.sha256,
    ]
    assert [row["position"] for row in snapshot["statements"]] == ["dissents", "agrees"]
    assert snapshot["silent_groups"] == ["Arbeitsgruppe Sport"]
    for fact in facts:
        assert fact in paper, fact
        assert fact in page, fact
    assert "einstimmig" in page
    addresses = [mail.to[0] for mail in Email.objects.all()]
    assert len(addresses) == len(set(addresses)) == 5
    assert "rat@example.org" in addresses
