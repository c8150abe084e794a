"""Who may do what on the ground floor. Predicates above, one table below; `None` never leaves a predicate.

What someone may do follows from memberships; the operator (`is_superuser`) may do everything.
"""

from typing import Any

import rules

from .models import Body, Membership, people


@rules.predicate
def runs_the_process(user: Any) -> bool:
    """Member of the planning group, or operator."""
    return people.runs_the_process(user)


def _body_of(row: Any) -> int | None:
    """The body a row belongs to: the row itself, its own, or its meeting's."""
    if isinstance(row, Body):
        return row.pk
    return getattr(row, "body_id", None) or getattr(getattr(row, "meeting", None), "body_id", None)


@rules.predicate
def leads_the_body(user: Any, row: Any) -> bool:
    """Chair or deputy of the body that `row` belongs to (or is)."""
    return row is not None and _body_of(row) in people.led_body_ids(user)


@rules.predicate
def leads_some_body(user: Any) -> bool:
    """Chair or deputy of any body."""
    return bool(people.led_body_ids(user))


@rules.predicate
def takes_some_minutes(user: Any) -> bool:
    """Minute taker of any body."""
    return bool(people.minuted_body_ids(user))


@rules.predicate
def takes_the_minutes(user: Any, row: Any) -> bool:
    """Minute taker of the body."""
    return row is not None and bool(
        user.is_authenticated
        and any(
            membership.role == Membership.Role.MINUTE_TAKER and membership.body_id == _body_of(row)
            for membership in user.open_memberships
        )
    )


@rules.predicate
def is_their_own(user: Any, row: Any) -> bool:
    """The row is about the account's own person."""
    person = getattr(row, "person", None)
    return bool(user.is_authenticated and person is not None and person.user_id == user.pk)


@rules.predicate
def belongs_to_the_body(user: Any, row: Any) -> bool:
    """Active member, in whatever role, of the body that `row` belongs to (or is)."""
    return row is not None and _body_of(row) in people.body_ids(user)


@rules.predicate
def has_to_do_it(user: Any, task: Any) -> bool:
    """The task is the account's own."""
    assignee = getattr(task, "assignee", None)
    return bool(user.is_authenticated and assignee is not None and assignee.user_id == user.pk)


@rules.predicate
def has_an_account(user: Any) -> bool:
    """Signed in."""
    return bool(user.is_authenticated)


@rules.predicate
def is_open_for_members(user: Any, body: Any) -> bool:
    """The body takes new members, and this account is neither in it nor has asked already."""
    return bool(
        body is not None
        and body.is_open
        and user.is_authenticated
        and not body.memberships.filter(
            person__user=user, state__in=[Membership.State.REQUESTED, Membership.State.ACTIVE]
        ).exists()
    )


PERMISSIONS = {
    "dialog.enter_workspace": runs_the_process | leads_some_body | takes_some_minutes,
    "dialog.lead_body": runs_the_process | leads_some_body,
    "dialog.request_membership": is_open_for_members,
    "dialog.decide_membership": runs_the_process | leads_the_body,
    "dialog.own_membership": is_their_own,
    "dialog.end_membership": runs_the_process,
    "dialog.change_membership": runs_the_process,
    "dialog.invite_member": runs_the_process | leads_the_body,
    "dialog.list_members": runs_the_process | leads_the_body,
    "dialog.write_to_members": runs_the_process | leads_the_body,
    "dialog.manage_people": runs_the_process,
    "dialog.open_body": runs_the_process,
    "dialog.add_organization": runs_the_process,
    "dialog.follow": has_an_account,
    "dialog.request_signature": has_an_account,
    "dialog.decide_signature": runs_the_process,
    "dialog.run_meeting": runs_the_process,
    "dialog.write_minutes": runs_the_process | takes_the_minutes,
    "dialog.correct_minutes": runs_the_process | belongs_to_the_body,
    "dialog.approve_minutes": leads_the_body,
    "dialog.publish_minutes": runs_the_process,
    "dialog.run_recommendation": runs_the_process,
    "dialog.finish_task": runs_the_process | leads_the_body | has_to_do_it,
    "dialog.add_document": runs_the_process | leads_the_body,
    "dialog.restart_job": runs_the_process,
    "dialog.edit_pages": runs_the_process,
    "dialog.answer_barrier": runs_the_process,
}

for name, predicate in PERMISSIONS.items():
    rules.set_perm(name, predicate)
