"""Who may do what on the council side."""

from typing import Any

import rules

from dialog.models import Body
from dialog.rules import leads_the_body, runs_the_process


@rules.predicate
def is_contact_of_the_measure(user: Any, measure: Any) -> bool:
    """Named by the planning group as a contact of the measure's lead."""
    return measure is not None and bool(user.is_authenticated and measure.contacts.filter(user=user).exists())


@rules.predicate
def leads_the_steering_group(user: Any) -> bool:
    """Chair or deputy of the steering group, who approves the report before the council gets it."""
    return bool(
        user.is_authenticated
        and any(row.leads and row.body.kind == Body.Kind.STEERING_GROUP for row in user.open_memberships)
    )


@rules.predicate
def was_asked_as_the_lead(user: Any, question: Any) -> bool:
    """A contact of the lead to whom the planning group has passed the question on."""
    return question is not None and bool(
        question.state in question.WITH_THE_LEAD and is_contact_of_the_measure(user, question.measure)
    )


PERMISSIONS = {
    "measures.run_measure": runs_the_process,
    "measures.update_measure": runs_the_process | is_contact_of_the_measure,
    "measures.run_question": runs_the_process,
    "measures.answer_question": runs_the_process | was_asked_as_the_lead,
    "measures.track_resolution": runs_the_process,
    "measures.update_point": runs_the_process | is_contact_of_the_measure,
    "measures.make_report": runs_the_process,
    "measures.approve_report": leads_the_steering_group,
    "measures.publish_report": runs_the_process,
    "measures.give_statement": leads_the_body,
}

for name, predicate in PERMISSIONS.items():
    rules.set_perm(name, predicate)
