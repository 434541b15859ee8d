"""Plausible mistakes in the order of steps. Only a kill between two of them shows: the controls of the kill tests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest import mock

from practice.booking import actions as booking_actions
from practice.intake import actions as intake_actions
from practice.payments import actions, checkout, queries, refunds
from practice.payments.gateway import NotOpen, payments
from practice.payments.refunds import Order
from practice.payments.settlement import AttemptTrigger, Step
from practice.work import Work, begin_work


def ask_before_the_try_is_noted() -> None:
    """A refund is asked for, and only then it is noted that it was."""
    begin = refunds._begin

    def forget(work: Work, reference: str) -> Order:
        order = begin(work, reference)
        refunds._get(work, reference).tried_at = None
        return order

    mock.patch.object(refunds, "_begin", forget).start()


def free_before_the_checkout_is_closed() -> None:
    """The time is given to others, and only then the checkout is closed."""

    def close(reference: str) -> Step:
        with begin_work() as work:
            attempt, booking = actions.lock_attempt(work, reference)
            actions.move(work, attempt, AttemptTrigger.NOTHING_PAYABLE_LEFT)
            booking_actions.expire(work, booking)
        seen = queries.look_at(reference)
        with suppress(NotOpen):
            payments().expire(str(seen.session_id))
        return Step.NOTHING_PAYABLE_LEFT

    mock.patch.object(checkout, "close", close).start()


def commit_the_answers_by_themselves() -> None:
    """The answers of a page are committed, and only then what else follows from it."""
    write = intake_actions.write_section

    def commit(work: Work, *named: Any) -> None:
        write(work, *named)
        work.session.commit()

    mock.patch.object(intake_actions, "write_section", commit).start()


WRONG_ORDERS: dict[str, Callable[[], None]] = {
    "a refund is asked for before its try is noted": ask_before_the_try_is_noted,
    "a time is freed before its checkout is closed": free_before_the_checkout_is_closed,
    "answers are committed before the rest of their page": commit_the_answers_by_themselves,
}
