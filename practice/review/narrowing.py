"""What the list of requests is narrowed to and sorted by, as an address says it. Pure.

Nothing in an address is trusted: what is no choice here, or not this reader's, counts as not said. The text of a
search is none of it, because a first name has no place in an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from practice.languages import N_
from practice.review.states import WORDS

WAITING, DECIDED, EVERY = "waiting", "decided", "all"
MINE, NOBODYS = "mine", "nobody"
NOTHING_RAISED = "none"
TODAY = "today"
RISK, OLDEST, NEWEST, LATEST = "risk", "oldest", "newest", "decided"
YES = "yes"
LONGEST_NUMBER = 9  # digits of an account's

STATES = {WAITING: N_("Those that wait"), DECIDED: N_("Those that were decided"), **WORDS, EVERY: N_("All")}
BANDS = {"": N_("Any"), "red": N_("Red"), "amber": N_("Amber"), NOTHING_RAISED: N_("Nothing raised")}
ATTENDING = {
    "": N_("Anybody"),
    "couple": N_("Both of them"),
    "couple_unsure": N_("Both, undecided"),
    "individual": N_("One person"),
    "partner": N_("Invited partner"),
}
AGES = {
    "": N_("Any age"),
    TODAY: N_("Came today"),
    "1": N_("A day or older"),
    "2": N_("Two days or older"),
    "7": N_("A week or older"),
    "30": N_("A month or older"),
}
SORTS = {
    RISK: N_("The riskiest first"),
    OLDEST: N_("The oldest first"),
    NEWEST: N_("The newest first"),
    LATEST: N_("The last decided first"),
}
OF_CLINICIANS = ("band", "unread")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One way of looking at the list. An empty text narrows nothing; `owner` may be an account's number."""

    state: str = WAITING
    band: str = ""
    owner: str = ""
    place: str = ""  # a code of practice.regions
    attending: str = ""
    age: str = ""
    overdue: str = ""
    unread: str = ""
    sort: str = OLDEST

    def as_query(self) -> dict[str, str]:
        """The same for an address. Never empty, so that it is told from an address that says nothing."""
        said = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        return {name: value for name, value in said.items() if value}


NAMES = frozenset(field.name for field in fields(Narrowing))
"""What an address may say."""


def usual_sort(state: str, *, clinical: bool) -> str:
    """How a list is sorted where nobody chose: by risk what waits, for those who may read it."""
    if state == DECIDED:
        return LATEST
    return RISK if clinical and state == WAITING else OLDEST


def sorts_for(*, clinical: bool) -> dict[str, str]:
    """The ways to sort that somebody has."""
    return {name: words for name, words in SORTS.items() if clinical or name != RISK}


def read_narrowing(said: Mapping[str, str], *, clinical: bool) -> Narrowing:
    """What an address says, as far as it is a choice of this reader's."""
    state = _one_of(STATES, said.get("state", ""), WAITING)
    owner = said.get("owner", "")
    place = said.get("place", "")
    found = Narrowing(
        state=state,
        band=_one_of(BANDS, said.get("band", "")),
        owner=owner if owner in (MINE, NOBODYS) or _is_number(owner) else "",
        place=place if len(place) <= 10 and place.replace("-", "").isalnum() and place.isascii() else "",
        attending=_one_of(ATTENDING, said.get("attending", "")),
        age=_one_of(AGES, said.get("age", "")),
        overdue=_one_of({YES: ""}, said.get("overdue", "")),
        unread=_one_of({YES: ""}, said.get("unread", "")),
        sort=_one_of(sorts_for(clinical=clinical), said.get("sort", ""), usual_sort(state, clinical=clinical)),
    )
    return found if clinical else replace(found, **dict.fromkeys(OF_CLINICIANS, ""))


def read_page(said: Mapping[str, str]) -> int:
    """Which page of the list, from 1."""
    number = said.get("page", "")
    return max(1, int(number)) if _is_number(number) else 1


def shipped_views(*, clinical: bool) -> dict[str, Narrowing]:
    """The views that everybody has, by name."""
    found = {
        N_("All that wait"): {},
        N_("Mine"): {"owner": MINE},
        N_("Nobody’s"): {"owner": NOBODYS},
        "Overdue": {"overdue": YES},
        N_("New today"): {"age": TODAY},
        N_("Decided"): {"state": DECIDED},
    }
    if clinical:
        found[N_("Red and unread")] = {"band": "red", "unread": YES}
    return {name: read_narrowing(said, clinical=clinical) for name, said in found.items()}


def _one_of(choices: Mapping[str, str], said: str, otherwise: str = "") -> str:
    return said if said in choices else otherwise


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
