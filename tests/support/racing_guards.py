"""What keeps rivals apart, taken away: a race that no guard has to decide proves nothing.

Each is a context in which a rival process lacks one guard. `meet` lets all rivals wait for one another between what
they read and what they write, so that what goes wrong goes wrong in each run.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest import mock

from sqlalchemy import Engine, event

Meet = Callable[[], None]

ROW_LOCK = re.compile(r"\s+FOR (NO KEY )?UPDATE( OF \w+)?\s*$")


def _nothing(*_args: object, **_others: object) -> None:
    return None


@contextmanager
def without_claims(_meet: Meet) -> Iterator[None]:
    """No claims: the rows say what is booked, and nothing keeps two of them apart."""
    with ExitStack() as stack:
        for where in ("practice.booking.placing.insert_claims", "practice.booking.claims.insert_claims"):
            stack.enter_context(mock.patch(where, _nothing))
        stack.enter_context(mock.patch("practice.booking.placing.is_free", return_value=True))
        yield


@contextmanager
def _without_row_locks(statement_to_meet_at: str, meet: Meet) -> Iterator[None]:
    """Nobody waits for a row: all read what they decide by, and only then the first of them writes."""
    met = threading.local()

    def strip(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        if statement.lstrip().startswith(statement_to_meet_at) and not hasattr(met, "others"):
            met.others = True
            meet()
        return ROW_LOCK.sub("", statement), parameters

    event.listen(Engine, "before_cursor_execute", strip, retval=True)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", strip)


@contextmanager
def without_the_waiver(meet: Meet) -> Iterator[None]:
    """Nobody notes that they used the one waiver before all have seen that it is there."""
    with mock.patch("practice.booking.actions._use_waiver", side_effect=lambda *_args: meet()):
        yield


GUARDS = {
    "claims": without_claims,
    "row locks before a booking is added": partial(_without_row_locks, "INSERT INTO booking "),
    "row locks before a booking is changed": partial(_without_row_locks, "UPDATE booking "),
    "row locks before a grant is added": partial(_without_row_locks, "INSERT INTO eligibility "),
    "waiver": without_the_waiver,
}
