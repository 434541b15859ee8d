"""What public holidays of the United States are called in the language of an answer.

The library that knows their dates names them in English; other places have the names that it knows. What is kept and
compared is its name, and only who shows one says it here.
"""

from __future__ import annotations

from practice.languages import N_
from practice.speaking import gettext

OBSERVED = " (observed)"
BESIDE = "; "  # between two on one day
NAMES = frozenset(
    {
        N_("New Year's Day"),
        N_("Martin Luther King Jr. Day"),
        N_("Martin Luther King Jr.'s Birthday"),
        N_("Washington's Birthday"),
        N_("Memorial Day"),
        N_("Juneteenth National Independence Day"),
        N_("Independence Day"),
        N_("Labor Day"),
        N_("Columbus Day"),
        N_("Veterans Day"),
        N_("Thanksgiving Day"),
        N_("Christmas Day"),
        N_("Inauguration Day"),
        N_("Election Day"),
        N_("Primary Election Day"),
        N_("Lincoln's Birthday"),
        N_("Susan B. Anthony Day"),
        N_("Presidents' Day"),
        N_("President's Day"),
        N_("Presidents Day"),
        N_("Indigenous Peoples' Day"),
        N_("Indigenous Peoples' Day / Columbus Day"),
        N_("Cesar Chavez Day"),
        N_("Emancipation Day"),
        N_("Good Friday"),
        N_("Holy Thursday"),
        N_("Easter Monday"),
        N_("Three Kings Day"),
        N_("Epiphany"),
        N_("All Souls' Day"),
        N_("Day After Thanksgiving"),
        N_("Friday After Thanksgiving"),
        N_("Christmas Eve"),
        N_("Day After Christmas"),
        N_("New Year's Eve"),
        N_("Family Day"),
        N_("State Holiday"),
    }
)
"""Those of the federation, and what states keep beside them; one that isn't here keeps its English name."""


def holiday_name(name: str) -> str:
    """A day's name, as the library has it, in the language of this answer."""
    return BESIDE.join(_one(part) for part in name.split(BESIDE))


def _one(name: str) -> str:
    plain = name.removesuffix(OBSERVED)
    if plain not in NAMES:
        return name
    said = gettext(plain)
    return said if plain == name else gettext("%(holiday)s (observed)", holiday=said)
