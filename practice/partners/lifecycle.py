"""How somebody stands with whoever comes with them, as one table. docs/couples.md shows it, a test compares. Pure."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """Where one person stands."""

    NOBODY = "nobody"  # nobody was asked, or it is over
    INVITED = "invited"
    DECLINED = "declined"
    JOINED = "joined"
    PAUSED = "paused"
    ALONE = "alone"  # they come alone, and said so


class Step(StrEnum):
    """What moves somebody from one to another."""

    INVITE = "invite"
    WITHDRAW = "withdraw"
    RUN_OUT = "run_out"
    DECLINE = "decline"
    JOIN = "join"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    COME_ALONE = "come_alone"
    COME_TOGETHER = "come_together"


class NoSuchStep(Exception):
    """A caller asked for what the table does not have: a bug of ours, never the client's."""

    def __init__(self, standing: Standing, step: Step) -> None:
        super().__init__(f"{standing} has no {step}")


ASKED = (Standing.NOBODY, Standing.INVITED, Standing.DECLINED, Standing.ALONE)
COUPLED = frozenset({Standing.JOINED, Standing.PAUSED})
"""Those of somebody who is in a couple."""

TRANSITIONS: dict[tuple[Standing, Step], Standing] = {
    **{(one, Step.INVITE): Standing.INVITED for one in ASKED},
    **{(one, Step.JOIN): Standing.JOINED for one in ASKED},
    **{(one, Step.COME_ALONE): Standing.ALONE for one in ASKED},
    (Standing.ALONE, Step.COME_TOGETHER): Standing.NOBODY,
    (Standing.INVITED, Step.WITHDRAW): Standing.NOBODY,
    (Standing.DECLINED, Step.WITHDRAW): Standing.NOBODY,
    (Standing.INVITED, Step.RUN_OUT): Standing.NOBODY,
    (Standing.DECLINED, Step.RUN_OUT): Standing.NOBODY,
    (Standing.INVITED, Step.DECLINE): Standing.DECLINED,
    (Standing.DECLINED, Step.DECLINE): Standing.DECLINED,
    (Standing.JOINED, Step.PAUSE): Standing.PAUSED,
    (Standing.PAUSED, Step.PAUSE): Standing.PAUSED,
    (Standing.PAUSED, Step.RESUME): Standing.JOINED,
    (Standing.JOINED, Step.LEAVE): Standing.NOBODY,
    (Standing.PAUSED, Step.LEAVE): Standing.NOBODY,
}


def next_standing(standing: Standing, step: Step) -> Standing:
    """Follow the table.

    :raises NoSuchStep: which is a bug of the caller, never the client's.
    """
    try:
        return TRANSITIONS[standing, step]
    except KeyError:
        raise NoSuchStep(standing, step) from None
