"""The page of times as somebody uses it who looks for a certain kind of time: parts of the week, days, weeks ahead."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from tests.support.browsing import forms_of
from tests.support.clock import MONDAY_NINE
from tests.support.ical_lint import events, problems, values
from tests.support.offers import NOOR, change_offering, change_therapist

TIMES = "/times/ada-lindqvist?offering=couple-50"
SOME_OPEN = "/times/any.ics?offering=couple-50"
LONDON = TIMES + "&zone=Europe/London"  # nine to five in New York is two in the afternoon to ten at night there
PARTS = ("mornings", "afternoons", "evenings")
FOUR_PM = MONDAY_NINE + timedelta(hours=7)  # nine in the evening in London


@pytest.fixture
def browser(practice):
    return practice.browser(practice.new_client())


def plain(page):
    """The words of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page.text)).split())


def starts(browser, address):
    found = browser.get(address.replace("?", ".json?")).json["times"]
    return [datetime.fromisoformat(one["start"]) for one in found]


def links(page, holding):
    """Where the links lead whose words or address hold this."""
    found = re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', page.text, re.DOTALL)
    return [unescape(href) for href, words in found if holding in href or holding in words]


def test_evenings_are_those_of_the_readers_own_clock(browser):
    assert starts(browser, TIMES + "&when=evenings") == []
    found = starts(browser, LONDON + "&when=evenings")

    assert {start.hour for start in found} == {17, 18, 19, 20, 21}


def test_the_parts_of_a_day_are_all_times_and_each_once(browser):
    of_parts = [starts(browser, f"{LONDON}&when={part}") for part in PARTS]

    assert sorted(start for found in of_parts for start in found) == starts(browser, LONDON)


def test_a_weekend_begins_where_the_reader_is(browser):
    found = starts(browser, TIMES + "&zone=Asia/Tokyo&when=weekends")

    assert found
    assert {start.weekday() for start in found} == {5}  # Friday in New York


def test_the_part_that_was_chosen_stays_through_weeks_and_zones_and_into_the_hold(practice, browser):
    page = browser.get(LONDON + "&when=evenings&from=2027-05-20")

    ways = [*links(page, "Earlier"), *links(page, "Later")]
    assert len(ways) == 4
    assert all("when=evenings" in way and "offering=couple-50" in way for way in ways)
    switch, *holds = (form for form in forms_of(page.text) if "/leave" not in form.action)
    assert switch.fields["when"] == ["evenings"]
    assert all(form.fields["when"] == ["evenings"] for form in holds)
    assert "when=evenings" in re.search(r'data-zone-address="([^"]*)"', page.text)[1]
    assert re.search(r'<a href="[^"]*" aria-current="true">Evenings</a>', page.text)


def test_an_evening_that_was_lost_is_answered_with_evenings(practice, browser):
    page = browser.get(LONDON + "&when=evenings&from=2027-05-10")
    practice.hold(FOUR_PM)

    answer = browser.send_form(page, {"start": FOUR_PM.isoformat()}, form="/bookings")

    assert answer.status_code == 409
    assert "was just taken" in answer.text
    offered = re.findall(r'slot-long" type="submit" name="start" value="([^"]*)"', answer.text)[:3]
    local = [datetime.fromisoformat(start) + timedelta(hours=1) for start in offered]
    assert len(local) == 3
    assert all(start.hour >= 17 for start in local)


def test_the_next_time_is_of_the_part_that_was_chosen(practice, browser):
    page = browser.get(LONDON + "&when=evenings&from=2027-05-20")

    assert "The next open evening Thursday 6 May, 5:00 pm" in plain(page)


def test_a_part_without_any_time_says_so_and_leads_to_all_of_them(browser):
    page = browser.get(TIMES + "&when=evenings")

    assert "No evening is open from Wednesday 5 May to Tuesday 18 May" in plain(page)
    assert "None is open later either" in page.text
    assert TIMES in links(page, "See all open times")
    assert not links(page, "Later")
    assert links(page, "/waiting-list")


@pytest.mark.parametrize("ending", ["", ".json", ".ics"])
@pytest.mark.databases("sqlite")
def test_a_part_of_the_week_that_does_not_exist_is_named(browser, ending):
    answer = browser.get(f"/times/ada-lindqvist{ending}?offering=couple-50&when=teatime")

    assert answer.status_code == 422
    if not ending:
        assert "That part of the week isn’t known" in answer.text


def test_a_hold_with_a_made_up_part_gets_the_page_again(browser):
    page = browser.get(TIMES)
    answer = browser.send_form(page, {"start": MONDAY_NINE.isoformat(), "when": "teatime"}, form="/bookings")

    assert answer.status_code == 422


def test_every_day_with_a_time_can_be_gone_to_and_the_others_say_that_they_have_none(browser):
    page = browser.get(TIMES)

    overview = page.text[page.text.index('<nav class="fortnight"') :].partition("</nav>")[0]
    ways = re.findall(r'href="#(day-[^"]*)"', overview)
    assert ways == re.findall(r'<h2 id="(day-[^"]*)"', page.text)
    assert overview.count("<li>") == 14
    assert 'aria-label="Monday 10 May, 15 open times"' in overview
    assert "Saturday 8 May, nothing open" in overview


def test_a_fortnight_without_a_time_says_when_the_next_is_and_leads_there(practice, browser):
    change_offering(practice, notice_hours=20 * 24)
    page = browser.get(TIMES)

    assert "Nothing is open from Wednesday 5 May to Tuesday 18 May. The next open time is Tuesday 25 May" in plain(page)
    assert links(page, "/waiting-list")
    [way] = links(page, "Go to Tuesday 25 May")
    assert "Tuesday 25 May, 9:00 am" in browser.get(way).text


def test_the_last_fortnight_leads_no_further_and_says_so(browser):
    page = browser.get(TIMES + "&from=2027-06-28")

    assert links(page, "Earlier times")
    assert not links(page, "Later")
    assert "You can book up to Sunday 4 July for now" in plain(page)
    assert "further ahead" not in page.text


def test_a_day_further_ahead_than_is_booked_shows_the_last_fortnight_and_says_so(browser):
    page = browser.get(TIMES + "&from=2099-01-01")

    assert "That is further ahead than we book" in page.text
    assert "Monday 21 June to Sunday 4 July" in plain(page)
    assert "Monday 21 June, 9:00 am" in page.text
    assert browser.get(TIMES.replace("?", ".json?") + "&from=2099-01-01").json["times"] == []


def test_whoever_looks_for_somebody_can_ask_for_the_earliest_with_anybody(practice, browser):
    assert "/times/any?offering=couple-50&when=mornings" in links(
        browser.get(TIMES + "&when=mornings"), "The earliest with anybody"
    )
    assert not links(browser.get("/times/any?offering=couple-50"), "The earliest with anybody")
    alone = "/times/ada-lindqvist?offering=couple-90-in-person"  # which nobody else offers
    assert not links(browser.get(alone), "The earliest with anybody")


def test_a_stranger_is_not_sent_to_a_waiting_list_that_they_cannot_have(practice):
    page = practice.browser().get(TIMES)

    assert "/waiting-list" not in page.text
    assert "After a few questions" in page.text


@pytest.mark.parametrize(
    ("part", "days", "opens", "closes"),
    [
        ("weekends", ["5", "6"], "09:00", "20:00"),
        ("evenings", [], "17:00", "23:00"),
        ("mornings", [], "06:00", "12:00"),
    ],
)
def test_the_waiting_list_begins_with_the_part_that_was_looked_for(browser, part, days, opens, closes):
    [way] = links(browser.get(f"{TIMES}&when={part}"), "/waiting-list")
    page = browser.get(way)

    ticked = re.findall(r'<input checked [^>]*name="weekdays"[^>]*value="(\d)"', page.text)
    assert ticked == days
    for value in (opens, closes):
        assert f'<option selected value="{value}">' in page.text


def test_a_calendar_of_open_times_can_be_of_one_part_and_is_the_same_for_everybody(practice, browser):
    address = "/times/ada-lindqvist.ics?offering=couple-50&when=evenings&zone=Europe/London"
    found = browser.get(address)

    assert problems(found.data) == []
    hours = {int(values(event, b"DTSTART")[0][9:11]) + 1 for event in events(found.data)}  # London is an hour ahead
    assert hours == {17, 18, 19, 20, 21}
    assert "Set-Cookie" not in found.headers
    assert practice.browser().get(address).data == found.data
    assert events(browser.get("/times/ada-lindqvist.ics?offering=couple-50&when=evenings").data) == []


def test_a_calendar_of_open_times_speaks_the_language_asked_for(browser):
    spanish = browser.get(f"{SOME_OPEN}&lang=es")

    assert problems(spanish.data) == []
    assert b"SUMMARY:Hora libre" in spanish.data
    assert b"X-WR-CALNAME:Horas libres" in spanish.data
    assert browser.get(SOME_OPEN, headers={"Accept-Language": "es"}).data == spanish.data


def test_a_calendar_of_open_times_asks_nothing_of_who_is_at_home_and_remembers_nothing(practice, browser):
    for_strangers = practice.browser().get(SOME_OPEN).data
    spanish = browser.get(f"{SOME_OPEN}&lang=es")
    assert "Set-Cookie" not in spanish.headers
    assert "Accept-Language" in spanish.vary

    browser.get("/?lang=es")
    assert browser.get(SOME_OPEN).data == for_strangers


def test_times_of_a_language_stay_of_it_in_every_part(practice, browser):
    change_therapist(practice, NOOR, languages=["English", "Arabic"])
    page = browser.get("/times/any?offering=couple-50&language=Arabic&when=mornings")

    ways = [way for way in links(page, "when=") if "/times/any" in way]
    assert ways
    assert all("language=Arabic" in way for way in ways)
