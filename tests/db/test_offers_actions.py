"""Changing what is offered: what is wrong is named by its field and changes nothing; what is right shows at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.offers.asked import DayRow, Details, HoursRow, OfferingDetails, Preferences, RoomDetails
from practice.booking.offers.checks import InvalidOffer
from practice.booking.offers.models import (
    DayOverride,
    Offering,
    Room,
    Therapist,
    TimeOff,
    WeeklyHours,
    therapist_offering,
    therapist_room,
)
from practice.booking.offers.queries import find_offers
from practice.booking.waiting.actions import wish_for_place
from practice.database import db
from practice.errors import NotFound
from practice.outbox import OutboxMessage
from practice.setup import actions
from tests.support import offers
from tests.support.clock import MONDAY_NINE
from tests.support.offers import ADA, COUPLE, IN_PERSON, NOOR
from tests.support.staff import audit

MONDAY = MONDAY_NINE.date()
ACTOR = "staff:1"
NINE, NOON, FIVE = time(9), time(12), time(17)
TABLES = (
    *(Therapist.__table__, WeeklyHours.__table__, DayOverride.__table__, TimeOff.__table__),
    *(Offering.__table__, Room.__table__, therapist_offering, therapist_room),
)
OFFERING = OfferingDetails(
    name={"en": "A longer first session", "es": "Una primera sesión más larga"},
    attendance="couple",
    place="video",
    visit="first",
    staff_only=False,
    session_minutes=80,
    step_minutes=30,
    before_minutes=5,
    after_minutes=10,
    notice_hours=24,
    horizon_days=60,
    daily_cap=None,
    weekly_cap=3,
    price_minor=200_00,
    late_cancel_hours=48,
    late_waiver=True,
    therapists=(ADA,),
)
DETAILS = Details("America/New_York", ("English",), ("US-NY",), (COUPLE, IN_PERSON, "individual-50"), ())
ROOM = RoomDetails("Garden room", "1 Quay Street", 2, (ADA,))


def contents(practice) -> list[tuple[str, tuple[Any, ...]]]:
    """Every row of the offer."""
    with practice.app.app_context():
        return [(table.name, tuple(row)) for table in TABLES for row in db.session.execute(select(table))]


def do(practice, action, *arguments, **options):
    """Do it in a work of its own."""
    with offers.work_in(practice) as work:
        return action(work, ACTOR, *arguments, **options)


def refused(practice, action, *arguments) -> InvalidOffer:
    """What is said against it, once nothing has changed."""
    before = contents(practice)
    with pytest.raises(InvalidOffer) as said:
        do(practice, action, *arguments)
    assert contents(practice) == before
    assert not audit(practice, "hours_saved", "day_added", "time_off_added", "offering_saved", "therapist_saved")
    return said.value


# Hours


@pytest.mark.parametrize(
    ("rows", "field", "row"),
    [
        ([HoursRow(0, NINE, NOON), HoursRow(0, time(11), FIVE)], "opens", 1),
        ([HoursRow(0, NINE, NOON, "video"), HoursRow(1, NINE, NOON), HoursRow(0, time(11), FIVE)], "opens", 2),
        ([HoursRow(0, FIVE, NINE)], "closes", 0),
        ([HoursRow(0, NINE, NINE)], "closes", 0),
        ([HoursRow(2, time(9, 3), NOON)], "opens", 0),
        ([HoursRow(7, NINE, NOON)], "weekday", 0),
        ([HoursRow(0, NINE, NOON, "moon")], "place", 0),
        ([HoursRow(0, NINE, NOON, None, date(2027, 6, 2), date(2027, 6, 1))], "valid_until", 0),
    ],
)
def test_weekly_hours_that_make_no_sense_are_named_and_nothing_is_saved(practice, rows, field, row):
    said = refused(practice, actions.save_week, ADA, rows)

    assert (said.field, said.problems[0].row) == (field, row)


def test_hours_that_touch_or_follow_one_another_in_time_are_no_overlap(practice):
    rows = [
        HoursRow(0, NINE, NOON, None, None, date(2027, 5, 31)),
        HoursRow(0, time(10), NOON, None, date(2027, 6, 1)),
        HoursRow(0, NOON, FIVE, "video"),
        HoursRow(0, NOON, FIVE, "in_person"),
    ]
    do(practice, actions.save_week, ADA, rows)

    assert offers.open_starts(practice, MONDAY)[0] == MONDAY_NINE
    assert offers.open_starts(practice, MONDAY + timedelta(days=28))[0].hour == 14  # ten in New York, from June on


def test_new_weekly_hours_replace_the_old_ones_and_show_at_once(practice):
    assert offers.open_starts(practice, MONDAY)  # the offers are kept by this process now

    do(practice, actions.save_week, ADA, [HoursRow(0, time(13), time(15))])

    assert [one.hour for one in offers.open_starts(practice, MONDAY)] == [17, 17, 18]
    assert not offers.open_starts(practice, MONDAY + timedelta(days=1))
    assert audit(practice, "hours_saved") == [(ACTOR, "hours_saved", ADA)]


def test_saving_over_what_somebody_else_saved_is_refused(practice):
    with pytest.raises(actions.ChangedMeanwhile):
        do(practice, actions.save_week, ADA, [], seen="something older")

    assert offers.open_starts(practice, MONDAY)


# Dates and days off


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (DayRow(MONDAY, "closed", NINE, NOON), "opens"),
        (DayRow(MONDAY, "other"), "opens"),
        (DayRow(MONDAY, "extra", FIVE, NINE), "closes"),
        (DayRow(MONDAY, "gone"), "kind"),
        (DayRow(MONDAY, "closed", place="moon"), "place"),
    ],
)
def test_a_date_that_makes_no_sense_is_named(practice, asked, field):
    assert refused(practice, actions.add_day, ADA, asked).field == field


def test_a_closed_date_excludes_others_at_its_place(practice):
    do(practice, actions.add_day, ADA, DayRow(MONDAY, "closed", place="video"))

    with pytest.raises(InvalidOffer) as said:
        do(practice, actions.add_day, ADA, DayRow(MONDAY, "extra", NINE, NOON))
    assert said.value.field == "day"
    do(practice, actions.add_day, ADA, DayRow(MONDAY, "other", NINE, NOON, "in_person"))

    assert not offers.open_starts(practice, MONDAY)
    assert len(offers.open_starts(practice, MONDAY, offering=IN_PERSON)) == 4


def test_a_date_closed_everywhere_cant_follow_other_hours_and_extra_ones_may_not_overlap(practice):
    do(practice, actions.add_day, ADA, DayRow(MONDAY, "other", NINE, NOON))

    for asked, field in ((DayRow(MONDAY, "closed"), "day"), (DayRow(MONDAY, "extra", time(11), FIVE), "opens")):
        with pytest.raises(InvalidOffer) as said:
            do(practice, actions.add_day, ADA, asked)
        assert said.value.field == field
    do(practice, actions.add_day, ADA, DayRow(MONDAY, "extra", NOON, time(13)))


def test_a_removed_date_is_as_usual_again_and_nobody_removes_somebody_elses(practice):
    number = do(practice, lambda work, actor: actions.add_day(work, actor, ADA, DayRow(MONDAY, "closed")).id)
    assert not offers.open_starts(practice, MONDAY)

    with pytest.raises(NotFound):
        do(practice, actions.remove_day, NOOR, number)
    do(practice, actions.remove_day, ADA, number)

    assert offers.open_starts(practice, MONDAY)


def test_days_off_that_end_before_they_begin_are_named(practice):
    assert refused(practice, actions.add_time_off, ADA, MONDAY, MONDAY - timedelta(days=1)).field == "last_day"


def test_days_off_close_days_and_a_booked_session_stands(practice):
    held = practice.hold(MONDAY_NINE)
    practice.confirm(held)

    do(practice, actions.add_time_off, ADA, MONDAY, MONDAY + timedelta(days=1))

    assert not offers.open_starts(practice, MONDAY)
    assert practice.state_of(held) is State.CONFIRMED


def test_time_that_opens_again_goes_to_whoever_waits_for_it(practice):
    number = do(practice, lambda work, actor: actions.add_time_off(work, actor, ADA, MONDAY, MONDAY).id)
    client = practice.new_client()
    offers.wish(practice, client, therapist=ADA, weekdays=[0])
    assert offers.offered_to(practice, client) is None

    do(practice, actions.remove_time_off, ADA, number)

    offered = offers.offered_to(practice, client)
    assert offered is not None
    assert offered.start == MONDAY_NINE


def test_a_save_that_opens_nothing_offers_nothing(practice):
    client = practice.new_client()
    offers.wish(practice, client, therapist=ADA, weekdays=[0])

    do(practice, actions.save_week, ADA, [HoursRow(day, NINE, FIVE) for day in range(5)])
    assert offers.offered_to(practice, client) is None

    do(practice, actions.save_week, ADA, [HoursRow(day, time(8), FIVE) for day in range(5)])
    assert offers.offered_to(practice, client) is not None


# What therapists choose


def test_public_holidays_close_days_once_they_are_kept(practice):
    memorial_day = date(2027, 5, 31)
    assert offers.open_starts(practice, memorial_day)

    do(practice, actions.save_preferences, ADA, Preferences("US-NY", packs=False))

    assert not offers.open_starts(practice, memorial_day)


@pytest.mark.parametrize("region", ["XX", "US-QQ", "../etc", "HolidayBase", "", "US-"])
def test_a_place_without_known_holidays_is_named(practice, region):
    assert refused(practice, actions.save_preferences, ADA, Preferences(region, packs=True)).field == "holiday_region"


# Therapists


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"languages": ()}, "languages"),
        ({"languages": ("En\x00glish",)}, "languages"),
        ({"licence_places": ()}, "licence_places"),
        ({"licence_places": ("US-XX",)}, "licence_places"),
        ({"offerings": ("nothing-like-it",)}, "offerings"),
        ({"rooms": ("nowhere",)}, "rooms"),
    ],
)
def test_what_cant_be_said_of_a_therapist_is_named(practice, changes, field):
    assert refused(practice, actions.save_therapist, ADA, replace(DETAILS, **changes)).field == field


def test_whoever_waits_for_a_place_is_told_once_when_somebody_gains_it(practice):
    client = practice.new_client(region="US-NJ")
    with offers.work_in(practice) as work:
        wish_for_place(work, practice.person(client), "US-NJ")

    do(practice, actions.save_therapist, ADA, replace(DETAILS, licence_places=("US-NY", "US-NJ")))
    do(practice, actions.save_therapist, ADA, replace(DETAILS, licence_places=("US-NY",)))
    do(practice, actions.save_therapist, ADA, replace(DETAILS, licence_places=("US-NY", "US-NJ")))

    with practice.app.app_context():
        kinds = [row.kind for row in db.session.scalars(select(OutboxMessage))]
    assert kinds.count("place_opened") == 1


# Offerings


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": {"en": "", "es": ""}}, "name"),
        ({"name": {"en": "x" * 121, "es": "x"}}, "name"),
        ({"name": {"en": "a\u202eb\x00", "es": "x"}}, "name"),
        ({"name": {"en": "x", "es": ""}}, "es_name"),
        ({"name": {"en": "x", "es": "x" * 121}}, "es_name"),
        ({"attendance": "crowd"}, "attendance"),
        ({"place": "moon"}, "place"),
        ({"visit": "last"}, "visit"),
        ({"session_minutes": 0}, "session_minutes"),
        ({"session_minutes": 52}, "session_minutes"),
        ({"step_minutes": 7}, "step_minutes"),
        ({"step_minutes": 0}, "step_minutes"),
        ({"before_minutes": -5}, "before_minutes"),
        ({"after_minutes": 3}, "after_minutes"),
        ({"notice_hours": -1}, "notice_hours"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"horizon_days": 100_000}, "horizon_days"),
        ({"daily_cap": 0}, "daily_cap"),
        ({"weekly_cap": -1}, "weekly_cap"),
        ({"price_minor": -1}, "price"),
        ({"price_minor": 10**9}, "price"),
        ({"late_cancel_hours": -1}, "late_cancel_hours"),
        ({"therapists": ("nobody",)}, "therapists"),
    ],
)
def test_what_cant_be_offered_is_named_and_nothing_is_saved(practice, changes, field):
    assert refused(practice, actions.save_offering, COUPLE, replace(OFFERING, **changes)).field == field
    assert refused(practice, actions.add_offering, replace(OFFERING, **changes)).field == field


def test_all_problems_are_said_at_once(practice):
    said = refused(
        practice, actions.add_offering, replace(OFFERING, name={"en": "", "es": ""}, step_minutes=7, price_minor=-1)
    )

    assert [problem.field for problem in said.problems] == ["name", "step_minutes", "price"]


def test_a_new_offering_can_be_booked_with_whoever_offers_it_and_with_nobody_else(practice):
    slug = do(practice, lambda work, actor: actions.add_offering(work, actor, OFFERING).slug)
    again = do(practice, lambda work, actor: actions.add_offering(work, actor, OFFERING).slug)

    assert (slug, again) == ("a-longer-first-session", "a-longer-first-session-2")
    assert offers.open_starts(practice, MONDAY, offering=slug)
    with practice.app.app_context():
        found = find_offers()
        assert (NOOR, slug) not in found
        assert found[ADA, slug].price.currency == "USD"


def test_an_offering_is_never_called_as_the_address_of_the_form_is(practice):
    slug = do(
        practice,
        lambda work, actor: (
            actions.add_offering(work, actor, replace(OFFERING, name={"en": "New!", "es": "¡Nuevo!"})).slug
        ),
    )

    assert slug == "new-2"


def test_an_archived_offering_cant_be_booked_until_it_is_offered_again_and_its_sessions_stand(practice):
    held = practice.hold(MONDAY_NINE)
    practice.confirm(held)

    do(practice, actions.archive, COUPLE, archived=True)
    with pytest.raises(NotFound):
        practice.hold(MONDAY_NINE + timedelta(hours=2))
    assert practice.state_of(held) is State.CONFIRMED

    do(practice, actions.archive, COUPLE, archived=False)
    practice.hold(MONDAY_NINE + timedelta(hours=2))


def test_a_changed_price_changes_no_booking(practice):
    held = practice.hold(MONDAY_NINE)

    do(practice, actions.save_offering, COUPLE, replace(OFFERING, price_minor=0))

    assert offers.see(practice, held).price_minor == 160_00


# Rooms


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " \n"}, "name"),
        ({"address": ""}, "address"),
        ({"seats": 0}, "seats"),
        ({"therapists": ("nobody",)}, "therapists"),
    ],
)
def test_a_room_that_cant_be_is_named(practice, changes, field):
    assert refused(practice, actions.add_room, replace(ROOM, **changes)).field == field


def test_sessions_in_person_need_the_room_that_a_therapist_was_given(practice):
    slug = do(practice, lambda work, actor: actions.add_room(work, actor, ROOM).slug)
    held = practice.hold(MONDAY_NINE, offering=IN_PERSON)
    assert offers.room_of(practice, held) == "Garden room"

    do(practice, actions.retire_room, slug, retired=True)
    assert not offers.open_starts(practice, MONDAY, offering=IN_PERSON)
    assert offers.room_of(practice, held) == "Garden room"

    do(practice, actions.retire_room, slug, retired=False)
    assert offers.open_starts(practice, MONDAY, offering=IN_PERSON)


def test_a_room_with_too_few_seats_makes_no_times_for_a_couple(practice):
    do(practice, actions.add_room, replace(ROOM, seats=1))
    assert not offers.open_starts(practice, MONDAY, offering=IN_PERSON)

    do(practice, actions.save_room, "garden-room", replace(ROOM, seats=2))
    assert offers.open_starts(practice, MONDAY, offering=IN_PERSON)


def test_an_undone_change_leaves_no_offer_behind(practice):
    class Undone(Exception):
        pass

    def begin(work, actor):
        actions.save_week(work, actor, ADA, [])
        assert not find_offers()[ADA, COUPLE].hours.openings
        raise Undone

    with pytest.raises(Undone):
        do(practice, begin)

    assert offers.open_starts(practice, MONDAY)
