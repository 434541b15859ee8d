"""The short page and one's own line; the desk's overlay; and that neither partner learns anything of the other."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from practice.booking.lifecycle import Trigger
from practice.pulse import timing
from practice.reminding.actions import stop_letters
from practice.reminding.messages import Topic
from practice.review import pulses
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.couples import client_for_two
from tests.support.pulse import CALM, answer, begin, due, fill
from tests.support.reminders import join, take_place
from tests.support.staff import audit, booked, desk, hire, request_of, send_request, sign_in, without_tokens
from tests.support.statements import statements
from tests.support.story import Client

HOUR = timedelta(hours=1)
PAGE = "/how-it-goes"


def client_of(practice, reference, email):
    with practice.app.app_context():
        person = request_of(practice, reference).person
        return Client(person.id, person.reference, "Robin", email)


@pytest.fixture
def asked(practice, clock):
    """A client whose first page is open."""
    client = practice.new_client()
    clock.set(due(practice, client, begin(practice, client)))
    return client


@pytest.fixture
def couple(practice):
    """Two people who sent their answers and are joined; the first sees Ada alone. Their requests, and they."""
    requests = [send_request(practice, email=f"{name}@mail.example", preferred_name=name) for name in ("Robin", "Kim")]
    clients = [client_of(practice, one, "robin@mail.example") for one in requests]
    held = practice.hold(MONDAY_NINE, offering="individual-50")
    booked(practice, requests[0], held.reference)
    practice.confirm(held)
    join(practice, *clients)
    practice.clock.set(MONDAY_NINE + 2 * HOUR)
    return requests, clients, held


def points(page):
    return [line.split() for line in re.findall(r'class="plot-line plot-line-\d" points="([^"]+)"', page)]


def test_the_page_is_one_form_that_keeps_what_was_answered_and_shows_it_again_but_for_the_wish(practice, asked):
    browser = practice.browser(asked)
    page = browser.get("/you").text
    assert "A short page is open for you" in page

    page = browser.get(PAGE).text
    assert "Not this time" in page
    assert page.count('class="in-a-row"') == 1
    sent = browser.submit(PAGE, {**CALM, "pulse_alone": "yes"}, form=PAGE)
    assert sent.status_code == 302
    page = browser.get(PAGE).text

    assert "You have answered this time" in page
    assert "Save my changes" in page
    assert "Not this time" not in page
    assert re.search(r'<input[^>]*checked[^>]*name="pulse_trust"[^>]*value="5"', page)
    assert not re.search(r'<input[^>]*checked[^>]*name="pulse_alone"', page)
    assert "pulse_alone" not in browser.get("/you").text
    assert browser.submit(PAGE, {"pulse_trust": "6"}, form=PAGE).status_code == 302  # the wish is kept
    assert len(re.findall(r"Monday|Wednesday", browser.get(PAGE).text)) >= 1


def test_a_page_without_any_answer_and_one_with_a_strange_one_are_sent_back(practice, asked):
    browser = practice.browser(asked)

    empty = browser.submit(PAGE, form=PAGE)
    strange = browser.submit(PAGE, {"pulse_trust": "11", "pulse_heard": "2"}, form=PAGE)

    assert (empty.status_code, strange.status_code) == (422, 422)
    assert "<title>Error: How it goes" in empty.text
    assert "leave the page out this time" in empty.text
    assert re.search(r'<input[^>]*checked[^>]*name="pulse_heard"[^>]*value="2"', strange.text)


def test_a_page_that_lay_open_until_the_next_was_due_is_not_stored(practice, asked, clock):
    browser = practice.browser(asked)
    page = browser.get(PAGE)
    clock.advance(days=14)

    late = browser.send_form(page, CALM, form=PAGE)

    assert late.status_code == 409
    assert "This page is from an earlier fortnight" in late.text
    assert "Your own line" not in browser.get(PAGE).text


@pytest.mark.parametrize("day", ["", "yesterday", "2020-01-01"])
def test_a_page_of_no_day_or_another_day_is_refused(practice, asked, day):
    browser = practice.browser(asked)

    assert browser.submit(PAGE, {**CALM, "day": day}, form=PAGE).status_code in (404, 409)


def test_the_own_line_begins_with_three_answers_and_the_table_has_the_same_numbers(practice, clock):
    client = practice.new_client()
    browser = practice.browser(client)
    fill(practice, client, [4, 5])
    page = browser.get(PAGE).text
    assert "A line needs at least 3 answers" in page
    assert '<svg class="plot"' not in page

    other = practice.new_client()
    fill(practice, other, [4, None, 5, 6])
    page = practice.browser(other).get(PAGE).text

    assert [len(line) for line in points(page)] == [2]
    assert re.findall(r'<td class="number">([^<]+)</td>', page) == ["4", "left out", "5", "6"]
    assert "style=" not in page


def test_before_the_first_session_nothing_is_asked(practice):
    browser = practice.browser(practice.new_client())

    assert "Nothing is asked of you here" in browser.get(PAGE).text
    assert browser.get("/you").status_code == 200


def story(practice, watched, other, what):
    """Months in which one of two does something with their own page; what the other sees of it, byte for byte."""
    if what != "nothing":
        begin(practice, other)
    days = fill(practice, watched, [4, 5, 6])
    if what in {"answers", "wishes"}:
        answer(practice, other, days[2], pulse_trust="0", pulse_alone="yes" if what == "wishes" else "no")
    if what == "stops":
        with practice.app.app_context(), begin_work() as work:
            stop_letters(work, other.person_id, Topic.PULSE)
    practice.work_until_idle()
    browser = practice.browser(watched)
    return [without_tokens(browser.get(path).text) for path in ("/you", PAGE)]


def test_whatever_one_partner_does_with_their_page_the_other_sees_the_same(practice, mailer, clock):
    start, seen = clock.now(), []
    for what in ("skips", "answers", "wishes", "stops", "nothing"):
        clock.set(start)
        watched, other = practice.new_client(), practice.new_client()
        join(practice, watched, other)
        pages = story(practice, watched, other, what)
        inbox = [
            (one.subject, re.sub(r"/(return|stop)/[\w-]{43}", r"/\1/…", one.text))
            for one in mailer.letters_to(watched.email)
        ]
        seen.append(([page.replace(watched.name, "Robin") for page in pages], inbox))

    assert all(one == seen[0] for one in seen[1:])
    answer(practice, watched, timing.current_day(begin(practice, watched), _zone(), clock.now()), pulse_trust="9")
    control = [without_tokens(practice.browser(watched).get(path).text) for path in ("/you", PAGE)]
    assert control != seen[0][0]  # their own answer does show


def _zone():
    from zoneinfo import ZoneInfo

    return ZoneInfo("America/New_York")


def test_the_desk_sees_both_lines_with_gaps_and_what_happened(practice, couple, clock):
    requests, clients, held = couple
    take_place(practice, held, Trigger.COMPLETE)
    start = clock.now()
    fill(practice, clients[0], [3, 4, None, 5, 6])
    clock.set(start)
    fill(practice, clients[1], [2, 2, 4, None, None])
    clock.advance(days=1)

    page = desk(practice, "clinician").get(f"/staff/intakes/{requests[0]}/pulse").text

    assert [len(line) for line in points(page)] == [2, 2, 3]
    assert page.count('class="plot-mark plot-mark-1"') == 4
    assert page.count('class="plot-mark plot-mark-2"') == 3
    assert "Session took place" in page
    assert 'data-name="What happened">' in page  # on a phone each value stands under its name
    cells = re.findall(r'<td class="number"([^>]*)>(.*?)</td>', page)
    assert [said for name, said in cells if not name] == [said for _, said in cells if "nothing due" in said]
    assert {name for name, _ in cells if name} == {' data-name="Robin"', ' data-name="Kim"'}
    assert "Joined as a couple" in page
    assert "pulse_alone" not in page
    assert "talk with a therapist alone" not in page
    assert "left out" in page
    # Of both the looking is noted.
    assert [what for _, what, _ in audit(practice, "pulse_viewed")] == ["pulse_viewed"] * 2
    assert {subject for *_, subject in audit(practice, "pulse_viewed")} == {requests[0], clients[1].reference}


def test_fewer_than_three_answers_are_a_table_and_a_sentence(practice, couple):
    requests, clients, _ = couple
    fill(practice, clients[0], [3, 4])

    page = desk(practice, "owner").get(f"/staff/intakes/{requests[0]}/pulse").text

    assert '<svg class="plot"' not in page
    assert "fewer than 3 answers so far" in page
    assert "no answers so far" in page


def test_who_may_see_it(practice, couple):
    requests, clients, _ = couple
    path = f"/staff/intakes/{requests[0]}/pulse"
    fill(practice, clients[1], [1, 2, 3])
    seen = {
        "owner": desk(practice, "owner").get(path),
        "clinician": desk(practice, "clinician").get(path),
        "her therapist": desk(practice, "therapist", therapist="ada-lindqvist").get(path),
        "another therapist": desk(practice, "therapist", therapist="noor-haddad").get(path),
        "coordinator": desk(practice, "coordinator").get(path),
    }

    assert {who: answer.status_code for who, answer in seen.items()} == {
        "owner": 200, "clinician": 200, "her therapist": 200, "another therapist": 404, "coordinator": 404,
    }  # fmt: skip
    # A therapist who sees one of the two, as far as bookings know, is not shown the other's line.
    assert ("Kim" in seen["her therapist"].text, "Kim" in seen["clinician"].text) == (False, True)
    assert len(audit(practice, "pulse_refused")) == 1


def test_who_wishes_to_talk_alone_stands_apart_for_clinicians_until_somebody_has_spoken_with_them(practice, couple):
    _, clients, _ = couple
    first = begin(practice, clients[1])
    practice.clock.set(due(practice, clients[1], first))
    answer(practice, clients[1], first, pulse_alone="yes")
    clinician = desk(practice, "clinician")
    page = clinician.get("/staff/calls")
    assert "Kim" in page.text
    assert "Robin" not in page.text
    assert [desk(practice, role).get("/staff/calls").status_code for role in ("owner", "coordinator")] == [404, 404]

    assert clinician.submit("/staff/calls", form="/staff/calls/u_").status_code == 302

    assert "Kim" not in clinician.get("/staff/calls").text
    assert len(audit(practice, "pulse_call_noted")) == 1
    # Saying so again is another wish.
    practice.clock.set(due(practice, clients[1], first + timing.EVERY))
    answer(practice, clients[1], first + timing.EVERY, pulse_alone="yes")
    assert "Kim" in desk(practice, "clinician", therapist="noor-haddad").get("/staff/calls").text


@pytest.mark.parametrize("on_duty", [True, False])
def test_four_who_wish_to_talk_alone_are_listed_in_as_many_queries_as_one(practice, monkeypatch, on_duty):
    monkeypatch.setattr(pulses, "is_on_duty", lambda _account, _now: on_duty)
    clinician = hire(practice, "clinician")

    def wishes(count):
        for _ in range(count):
            client = client_for_two(practice)
            first = begin(practice, client)
            practice.clock.set(due(practice, client, first))
            answer(practice, client, first, pulse_alone="yes")

    def asked():
        browser = sign_in(practice, clinician)
        browser.get("/staff/calls")  # what every process keeps is read once
        with statements() as found:
            page = browser.get("/staff/calls")
        return page.text.count("We have spoken"), len(found)

    wishes(1)
    one = asked()
    wishes(3)
    four = asked()

    assert (one[0], four[0]) == (1, 4)
    assert four[1] == one[1]
