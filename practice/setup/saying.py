"""How commands reach the practice's data, and how they say a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from practice.booking.offers.checks import InvalidOffer, Problem
from practice.errors import NotFound, PracticeError


@contextmanager
def said() -> Iterator[None]:
    """Work on the practice's data: the app that the context's `obj` makes. Refusals name the option to mend.

    :raises click.ClickException: for whatever the practice refuses, in words.
    """
    with click.get_current_context().obj().app_context():
        try:
            yield
        except InvalidOffer as refusal:
            raise click.ClickException("\n  ".join(_in_words(problem) for problem in refusal.problems)) from None
        except NotFound:
            raise click.ClickException("There is nothing of this name or number. Look at the list first.") from None
        except PracticeError as refusal:
            raise click.ClickException(f"{refusal.title}. {refusal.explanation or refusal.way_out}") from None


def _in_words(problem: Problem) -> str:
    where = f"line {problem.row + 1}, " if problem.row is not None else ""
    return f"{where}{problem.field.replace('_', '-')}: {problem.words}"
