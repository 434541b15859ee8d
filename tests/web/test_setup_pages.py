"""Staff's pages for what is offered: what is wrong is said at its field and kept, what is right shows at once."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from practice.booking.offers.queries import get_therapist
from tests.support import offers
from tests.support.browsing import forms_of
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, COUPLE, IN_PERSON
from tests.support.staff import audit, desk, without_tokens

MONDAY = MONDAY_NINE.date()
HOURS = f"/staff/setup/hours/{ADA}"
OFFERING = f"/staff/setup/offerings/{COUPLE}"
THERAPIST = f"/staff/setup/therapists/{ADA}"
NEXT = 5  # the number of the first empty line: Ada works five days


@pytest.fixture
def owner(practice):
    return desk(practice, "owner")


def line(number: int, **values: str) -> dict[str, str]:
    """What is typed into one line of the weekly hours."""
    return {f"rows-{number}-{name}": value for name, value in values.items()}


def starts(practice, day: date = MONDAY, **which: str) -> list[str]:
    """The open times of a day as UTC, HH:MM."""
    return [f"{one:%H:%M}" for one in offers.open_starts(practice, day, **which)]


def snapshot(practice) -> list[object]:
    """The hours, dates and days off that Ada has."""
    with practice.app.app_context():
        ada = get_therapist(ADA)
        return [
            sorted((row.weekday, row.opens, row.closes, row.place or "") for row in ada.weekly_hours),
            [(row.day, row.kind) for row in ada.day_overrides],
            [(row.first_day, row.last_day) for row in ada.time_off],
            (ada.zone, ada.holiday_region, ada.packs, ada.languages, ada.licence_places),
        ]


def error_at(html: str, field: str) -> str:
    """What is said at a field; its element must name it as its description."""
    found = re.search(rf'id="{field}-error">(.*?)</p>', html, re.S)
    assert found, f"nothing is said at {field}"
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="{field}"', html)
    return re.sub(r"<[^>]+>", "", found[1]).replace("Error: ", "").strip()


# Weekly hours


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        (line(NEXT, weekday="0", opens="16:00", closes="18:00"), "rows-5-opens", "overlap"),
        (line(NEXT, weekday="5", opens="12:00", closes="09:00"), "rows-5-closes", "after it opens"),
        (line(NEXT, weekday="5", opens="9 o’clock", closes="12:00"), "rows-5-opens", "like 09:00"),
        (line(NEXT, weekday="5", opens="09:02", closes="12:00"), "rows-5-opens", "5 minutes"),
        (line(NEXT, weekday="5", opens="09:00"), "rows-5-closes", "when it closes"),
        (line(NEXT, opens="09:00", closes="12:00"), "rows-5-weekday", "Choose the day"),
        (line(NEXT, weekday="5", opens="09:00", closes="12:00", valid_from="soon"), "rows-5-valid_from", "2027-05-31"),
        (
            line(NEXT, weekday="5", opens="09:00", closes="12:00", valid_from="2027-06-02", valid_until="2027-06-01"),
            "rows-5-valid_until",
            "end before they begin",
        ),
        (line(1, closes="08:00"), "rows-1-closes", "after it opens"),
    ],
)
def test_a_wrong_line_is_said_at_its_field_what_was_typed_is_kept_and_nothing_is_saved(
    practice, owner, typed, field, words
):
    before = snapshot(practice)

    answer = owner.submit(HOURS, typed, form="weekly")

    assert answer.status_code == 422
    assert words in error_at(answer.text, field)
    assert f'href="#{field}"' in answer.text
    sent = next(form for form in forms_of(answer.text) if "weekly" in form.action).fields
    assert {name: value for name, value in sent.items() if name in typed and value} == {
        name: [value] for name, value in typed.items()
    }
    assert snapshot(practice) == before


def test_new_hours_show_on_the_public_page_at_once_and_removed_ones_are_gone(practice, owner):
    client = practice.browser(practice.new_client())
    page = f"/times/{ADA}.json?offering={COUPLE}&from={MONDAY}"
    before = client.get(page).text
    assert "2027-05-10T09:00" in before

    saved = owner.submit(
        HOURS,
        {**line(0, remove="y"), **line(NEXT, weekday="0", opens="18:00", closes="20:00", place="video")},
        form="weekly",
        follow_redirects=True,
    )

    assert "The weekly hours are saved" in saved.text
    after = client.get(page).text
    assert "2027-05-10T09:00" not in after
    assert "2027-05-10T18:00" in after
    assert starts(practice) == ["22:00", "22:30", "23:00"]
    assert not starts(practice, offering=IN_PERSON)


def test_whoever_saves_over_somebody_elses_hours_is_told_and_sees_them_as_they_stand(practice, owner):
    page = owner.get(HOURS)
    desk(practice, "coordinator").submit(HOURS, line(0, opens="10:00"), form="weekly")
    between = snapshot(practice)

    late = owner.send_form(page, line(1, opens="11:00"), form="weekly")

    assert late.status_code == 409
    assert "Somebody changed this while you had it open" in late.text
    assert 'value="10:00"' in late.text
    assert snapshot(practice) == between
    assert owner.send_form(late, line(1, opens="11:00"), form="weekly").status_code == 302


# Dates, days off, holidays


def test_a_date_that_differs_is_added_shown_and_removed(practice, owner):
    typed = {"day": MONDAY.isoformat(), "kind": "other", "opens": "10:00", "closes": "12:00", "place": ""}
    page = owner.submit(HOURS, typed, form="/days", follow_redirects=True)

    assert "10:00 am to 12:00 pm, every place" in page.text
    assert starts(practice) == ["14:00", "14:30", "15:00"]

    posts = [form.action for form in forms_of(page.text) if form.method == "post"]
    adding = posts.index(f"{HOURS}/days")
    again = owner.submit(HOURS, {**typed, "kind": "closed", "opens": "", "closes": ""}, form=adding)
    assert again.status_code == 422
    assert "Remove that line first" in error_at(again.text, "day")

    owner.submit(HOURS, form="remove")
    assert len(starts(practice)) > 3


@pytest.mark.parametrize(
    ("form", "typed", "field"),
    [
        ("/days", {"day": "", "kind": "closed"}, "day"),
        ("/days", {"day": "2027-13-45", "kind": "closed"}, "day"),
        ("/days", {"day": "2027-05-10", "kind": "extra"}, "opens"),
        ("/days", {"day": "2027-05-10", "kind": "extra", "opens": "12:00", "closes": "09:00"}, "closes"),
        ("/time-off", {"first_day": "2027-05-12", "last_day": "2027-05-10"}, "last_day"),
        ("/time-off", {"first_day": "", "last_day": "2027-05-10"}, "first_day"),
        ("/time-off", {"first_day": "2027-05-10", "last_day": "someday"}, "last_day"),
        ("/preferences", {"holiday_region": "US-QQ"}, "holiday_region"),
    ],
)
def test_what_is_wrong_with_a_date_is_said_at_its_field(practice, owner, form, typed, field):
    before = snapshot(practice)

    answer = owner.submit(HOURS, typed, form=form)

    assert answer.status_code == 422
    assert error_at(answer.text, field)
    assert "<title>Error: " in answer.text
    assert snapshot(practice) == before


def test_sessions_in_days_off_are_named_and_not_moved(practice, owner):
    held = offers.confirmed(practice, MONDAY_NINE)
    offers.confirmed(practice, MONDAY_NINE + timedelta(days=1))
    assert "closed now" not in owner.get(HOURS).text

    typed = {"first_day": MONDAY.isoformat(), "last_day": MONDAY.isoformat()}
    page = owner.submit(HOURS, typed, form="time-off", follow_redirects=True)

    assert "1 session stands in time that is closed now" in page.text
    assert "Monday 10 May, 9:00 am Eastern Time" in page.text
    assert held.payer.name not in page.text  # whose it is, is written down where it is opened
    assert offers.see(practice, held).starts_at == MONDAY_NINE

    owner.submit(HOURS, form="/remove")
    assert "closed now" not in owner.get(HOURS).text


def test_holidays_close_days_and_the_next_five_are_named(practice, owner):
    memorial_day = date(2027, 5, 31)
    assert starts(practice, memorial_day)

    page = owner.submit(HOURS, {"holiday_region": "US-NY"}, form="preferences", follow_redirects=True)

    assert "Monday 31 May 2027: Memorial Day" in page.text
    assert not starts(practice, memorial_day)
    owner.submit(HOURS, {"holiday_region": ""}, form="preferences")
    assert starts(practice, memorial_day)


# Who may set whose


def test_a_therapist_sets_their_own_hours_and_nobody_elses(practice):
    ada, noor = desk(practice, "therapist", therapist=ADA), desk(practice, "clinician", therapist="noor-haddad")
    before = snapshot(practice)
    token = {"csrf_token": forms_of(noor.get("/staff/setup/hours/noor-haddad").text)[1].fields["csrf_token"][0]}
    paths = ("weekly", "days", "days/1/remove", "time-off", "time-off/1/remove", "preferences")

    assert noor.get(HOURS).status_code == 404
    for path in paths:
        typed = {**token, "seen": "x", "first_day": "2027-05-10", "last_day": "2027-05-10", "day": "2027-05-10"}
        assert noor.post(f"{HOURS}/{path}", data=typed).status_code == 404
    assert snapshot(practice) == before

    assert ada.submit(HOURS, line(0, opens="10:00"), form="weekly").status_code == 302
    assert snapshot(practice) != before
    listed = noor.get("/staff/setup/").text
    assert "Noor Haddad" in listed
    assert "Ada Lindqvist" not in listed


def test_therapists_and_the_desk_meet_nothing_where_the_owner_decides(practice):
    for browser in (desk(practice, "therapist", therapist=ADA), desk(practice, "coordinator")):
        for path in (THERAPIST, OFFERING, "/staff/setup/offerings", "/staff/setup/offerings/new"):
            assert browser.get(path).status_code == 404
        token = {"csrf_token": forms_of(browser.get(HOURS).text)[1].fields["csrf_token"][0]}
        assert browser.post(f"{OFFERING}/archive", data=token).status_code == 404
    assert desk(practice, "coordinator", "therapist").get("/staff/setup/rooms").status_code == 200


def test_every_change_is_in_the_access_log_with_who_made_it(practice):
    browser = desk(practice, "coordinator")

    browser.submit(HOURS, {"first_day": "2027-05-10", "last_day": "2027-05-10"}, form="time-off")

    [(actor, action, subject)] = audit(practice, "time_off_added")
    assert actor.startswith("staff:")
    assert (action, subject) == ("time_off_added", ADA)


def test_without_its_token_nothing_is_saved(practice, owner):
    before = snapshot(practice)

    for path in ("weekly", "days", "time-off", "preferences"):
        assert owner.post(f"{HOURS}/{path}", data={"first_day": "2027-05-10"}).status_code == 400
    for path in (THERAPIST, OFFERING, f"{OFFERING}/archive", "/staff/setup/rooms/new"):
        assert owner.post(path, data={"name": "x"}).status_code == 400

    assert snapshot(practice) == before


# Therapists


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"languages": " , "}, "languages"),
        ({"licence_places": None}, "licence_places"),
        ({"licence_places": "US-XX"}, "licence_places"),
    ],
)
def test_what_cant_be_said_of_a_therapist_is_said_at_its_field(practice, owner, typed, field):
    before = snapshot(practice)

    answer = owner.submit(THERAPIST, typed)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert snapshot(practice) == before


def test_languages_licences_and_offerings_are_kept(practice, owner):
    typed = {"languages": "English, Svenska", "licence_places": ["US-NY", "US-NJ"], "offerings": [COUPLE]}

    assert owner.submit(THERAPIST, typed).status_code == 302

    assert snapshot(practice)[3] == ("America/New_York", None, False, ["English", "Svenska"], ["US-NY", "US-NJ"])
    page = owner.get(THERAPIST).text
    assert "Svenska" in page
    assert "(2 chosen)" in page
    assert practice.browser().get(f"/times/{ADA}?offering={IN_PERSON}").status_code == 404


# Offerings


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"price": "-1"}, "price", "below zero"),
        ({"price": "1,600.00"}, "price", "marks between thousands"),
        ({"price": "much"}, "price", "like 160"),
        ({"step_minutes": "7"}, "step_minutes", "5 minutes"),
        ({"session_minutes": "0"}, "session_minutes", "between"),
        ({"session_minutes": "fifty"}, "session_minutes", "whole number"),
        ({"session_minutes": ""}, "session_minutes", "number"),
        ({"after_minutes": "-5"}, "after_minutes", "between"),
        ({"daily_cap": "0"}, "daily_cap", "between 1"),
        ({"weekly_cap": "-3"}, "weekly_cap", "between 1"),
        ({"horizon_days": "99999999999"}, "horizon_days", "whole number"),
        ({"name": " "}, "name", "name"),
        ({"attendance": "crowd"}, "attendance", "valid choice"),
    ],
)
def test_what_cant_be_offered_is_said_at_its_field_and_kept(practice, owner, typed, field, words):
    before = starts(practice)

    answer = owner.submit(OFFERING, {**typed, "late_cancel_hours": "36"})

    assert answer.status_code == 422
    assert words in error_at(answer.text, field)
    sent = forms_of(answer.text)[-1].fields
    assert sent["late_cancel_hours"] == ["36"]
    if typed[field].strip() and field != "attendance":
        assert sent[field] == [typed[field]]
    assert starts(practice) == before
    assert 'value="48"' in owner.get(OFFERING).text


def test_what_holds_for_what_exists_is_not_said_of_something_new(practice, owner):
    said = "What is booked already keeps its price"

    assert said in owner.get(OFFERING).text
    assert said not in owner.get("/staff/setup/offerings/new").text
    assert "Sessions that are in this room already" not in owner.get("/staff/setup/rooms/new").text


def test_a_new_offering_is_on_the_public_pages_with_its_price(practice, owner):
    typed = {
        "name": "Ninety calm minutes",
        "es_name": "Noventa minutos con calma",
        "price": "172.50",
        "session_minutes": "90",
        "therapists": [ADA],
    }

    assert owner.submit("/staff/setup/offerings/new", typed).status_code == 302

    stranger = practice.browser()
    assert "Ninety calm minutes" in stranger.get("/fees").text
    assert "$172.50" in stranger.get("/fees").text
    assert stranger.get(f"/times/{ADA}?offering=ninety-calm-minutes").status_code == 200
    assert stranger.get("/times/noor-haddad?offering=ninety-calm-minutes").status_code == 404
    assert 'value="172.50"' in owner.get("/staff/setup/offerings/ninety-calm-minutes").text


def test_an_archived_offering_is_gone_from_public_pages_and_its_bookings_still_show(practice, owner):
    client = practice.new_client()
    held = offers.confirmed(practice, MONDAY_NINE, client)
    name = "Couple session, 50 minutes"
    assert name in practice.browser().get("/fees").text

    owner.submit("/staff/setup/offerings", form=f"{COUPLE}/archive")

    stranger = practice.browser()
    assert name not in stranger.get("/fees").text
    assert name not in stranger.get(f"/therapists/{ADA}").text
    assert stranger.get(f"/times/{ADA}?offering={COUPLE}").status_code == 404
    assert practice.browser(client).get(f"/bookings/{held.reference}").status_code == 200
    assert "Archived" in owner.get("/staff/setup/offerings").text

    owner.submit("/staff/setup/offerings", form=f"{COUPLE}/unarchive")
    assert stranger.get(f"/times/{ADA}?offering={COUPLE}").status_code == 200


def test_whoever_saves_over_a_changed_offering_sees_it_as_it_stands(practice, owner):
    page = owner.get(OFFERING)
    owner.send_form(page, {"price": "150"})

    late = owner.send_form(page, {"price": "170"})

    assert late.status_code == 409
    assert 'value="150"' in late.text
    assert 'value="170"' not in late.text


def test_an_offering_saved_as_it_is_stays_as_it_is(practice, owner):
    before = without_tokens(owner.get(OFFERING).text)

    assert owner.submit(OFFERING).status_code == 302

    assert (
        without_tokens(owner.get(OFFERING).text)
        .replace("Saved. What is booked already stays as it is.", "")
        .split("<main")[1]
        == before.split("<main")[1]
    )


# Rooms


def test_a_room_makes_times_in_person_and_a_retired_one_takes_them_away(practice):
    browser = desk(practice, "coordinator")
    typed = {"name": "Garden room", "seats": "2", "therapists": [ADA]}
    assert browser.submit("/staff/setup/rooms/new", {**typed, "seats": "1"}).status_code == 302
    assert not starts(practice, offering=IN_PERSON)  # a couple needs two seats

    assert browser.submit("/staff/setup/rooms/garden-room", {"seats": "2"}).status_code == 302
    assert starts(practice, offering=IN_PERSON)

    browser.submit("/staff/setup/rooms", form="garden-room/retire")
    assert not starts(practice, offering=IN_PERSON)
    assert "No longer used" in browser.get("/staff/setup/rooms").text
    browser.submit("/staff/setup/rooms", form="garden-room/use-again")
    assert starts(practice, offering=IN_PERSON)


@pytest.mark.parametrize(
    ("typed", "field"), [({"seats": "0"}, "seats"), ({"name": ""}, "name"), ({"address": ""}, "address")]
)
def test_a_room_that_cant_be_is_said_at_its_field(practice, owner, typed, field):
    answer = owner.submit("/staff/setup/rooms/new", {"name": "Garden room", "seats": "2", **typed})

    assert answer.status_code == 422
    assert error_at(answer.text, field)
    assert "No room so far" in owner.get("/staff/setup/rooms").text
