"""What public holidays are called in the language of whoever reads them."""

from __future__ import annotations

import holidays
import pytest
from flask import Flask

from practice.public_holidays import BESIDE, NAMES, OBSERVED, holiday_name
from practice.speaking import speaking

YEARS = range(2026, 2036)


@pytest.mark.parametrize("part", [None, "NY"])
def test_every_name_that_the_library_has_for_the_federation_and_new_york_is_known_here(part: str | None) -> None:
    days = holidays.country_holidays("US", subdiv=part, years=YEARS).values()
    assert {one.removesuffix(OBSERVED) for day in days for one in day.split(BESIDE)} <= NAMES


def test_a_name_is_said_in_the_language_spoken_with_whatever_the_library_adds(app: Flask) -> None:
    day = "Christmas Day (observed); Susan B. Anthony Day; Alaska Day"
    with app.app_context():
        assert holiday_name(day) == day
        with speaking("es"):
            assert holiday_name(day) == "Navidad (día que se guarda); Día de Susan B. Anthony; Alaska Day"
