"""Whether a therapist is licensed where those are who attend. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def fits(places: Iterable[str], licence_places: Collection[str]) -> bool:
    """Whether every one of these places (region codes, one for each who attends) is among those of the licence.

    A place that nobody named, written as an empty code, fits no licence; nor does nobody at all.
    """
    those = list(places)
    return bool(those) and all(place in licence_places for place in those)
