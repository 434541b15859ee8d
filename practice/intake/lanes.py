"""Lanes: who may speak of an answer, chosen by whoever gave it. Pure.

Only answers that may be shared have one (Field.may_be_shared): what only clinicians read is never raised, and what the
front desk may see is no secret. Where the practice keeps no secrets between partners, nothing can be told to the
therapist alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from practice.intake.questions import SESSION, Field, Page
from practice.languages import N_

ONLY_THERAPIST, MAY_RAISE, TALK_FIRST = "only_therapist", "may_raise", "talk_first"
LANES = {
    ONLY_THERAPIST: N_("Only for my therapist"),
    TALK_FIRST: N_("Talk with me alone first"),
    MAY_RAISE: N_("May be raised in a session"),
}
NO_SECRETS = "no_secrets"

Lanes = Mapping[str, str]  # by field


def offered_lanes(policy: str) -> tuple[str, ...]:
    """What can be chosen, in the order of the page; `policy` is the practice's secrets policy."""
    return tuple(lane for lane in LANES if lane != ONLY_THERAPIST or policy != NO_SECRETS)


def default_lane(policy: str) -> str:
    """What holds until its author chooses."""
    return offered_lanes(policy)[0]


def laned_fields(page: Page) -> tuple[Field, ...]:
    """The questions of whose answers a page asks who may speak: its own, and those that its section asked before."""
    own = {field.name for field in page.fields}
    return tuple(
        field for field in page.section.fields if field.may_be_shared and (field.name in own or field.moment != SESSION)
    )


def common_lane(lanes: Iterable[str], policy: str) -> str:
    """What was chosen for most of them; the default where nothing was."""
    counted = Counter(lane for lane in lanes if lane in offered_lanes(policy))
    return counted.most_common(1)[0][0] if counted else default_lane(policy)
