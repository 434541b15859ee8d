"""What a clinician opened with a reason is read, and nothing of it is written, taken along or decided."""

from __future__ import annotations

import pytest

from practice.review.given_away import TOLD_FOR
from practice.review.glass_forms import BOTH
from tests.support.browsing import Browser, forms_of
from tests.support.glass import REASON, Floor, floor, open_up
from tests.support.staff import audit, desk, hire, send_request, sign_in
from tests.support.story import Practice

TEXT = "Canarynote, long enough to be one."


@pytest.fixture
def house(practice: Practice) -> Floor:
    return floor(practice)


def token(browser: Browser) -> str:
    return browser.get("/staff/account").text.split('name="csrf_token" value="')[1].split('"')[0]


def send(browser: Browser, address: str, **fields: str) -> int:
    """Send this without the page's form, which may not be there."""
    return browser.post(address, data={"csrf_token": token(browser), **fields}).status_code


def actions_on(browser: Browser, address: str) -> list[str]:
    answer = browser.get(address)
    assert answer.status_code == 200
    return [one.action for one in forms_of(answer.text)]


class TestNotes:
    def test_a_grant_lets_them_read_notes_and_write_none(self, house: Floor) -> None:
        about = f"/staff/notes/people/{house.couple.one.reference}"
        signed = house.browser(house.theirs).submit(about, {"text": TEXT, "then": "sign"}).location
        colleague = house.browser(house.colleague)
        open_up(colleague, house.robin)

        assert TEXT in colleague.get(about).text
        assert about not in actions_on(colleague, about)
        assert f"{signed}/addenda" not in actions_on(colleague, signed)
        assert send(colleague, about, text="More", then="sign") == 404
        assert send(colleague, signed + "/addenda", text="More", seen="0") == 404
        assert len(audit(house.practice, "note_begun", "note_added_to")) == 1

    def test_two_who_were_opened_together_are_read_and_not_written_about(self, house: Floor) -> None:
        about = f"/staff/notes/couples/{house.couple.reference}"
        colleague = house.browser(house.colleague)
        open_up(colleague, house.robin, BOTH)
        assert about not in actions_on(colleague, about)
        assert send(colleague, about, text=TEXT, then="keep") == 404
        assert audit(house.practice, "note_begun") == []

    def test_an_own_draft_about_whom_one_opened_stays_as_it_is(self, house: Floor) -> None:
        about = f"/staff/notes/people/{house.couple.one.reference}"
        draft = house.browser(house.theirs).submit(about, {"text": TEXT, "then": "keep"}).location
        given = {"to": house.colleague.actor.removeprefix("staff:")}
        house.browser(house.theirs).submit(f"/staff/intakes/{house.robin}", given, form="/hand-over")
        before = house.browser(house.theirs)
        assert before.get(draft).status_code == 404
        open_up(before, house.robin)
        assert [one for one in actions_on(before, draft) if draft in one] == []
        assert send(before, draft, text="Otherwise", then="sign", seen="1") == 404
        assert send(before, draft + "/discard", seen="1") == 404

    @pytest.mark.parametrize("roles", [("owner",), ("owner", "clinician")])
    def test_the_owner_writes_as_before_whatever_they_opened(self, house: Floor, roles: tuple[str, ...]) -> None:
        owner = sign_in(house.practice, hire(house.practice, *roles, email="o@practice.example"))
        if "clinician" in roles:
            open_up(owner, house.robin)
        about = f"/staff/notes/people/{house.couple.one.reference}"
        assert owner.submit(about, {"text": TEXT, "then": "keep"}).status_code == 302


def test_the_whole_record_isnt_taken_along_under_a_grant(house: Floor) -> None:
    data = f"/staff/data/{house.couple.one.reference}"
    whole = {"scope": "whole", "kind": "json"}
    colleague, theirs = house.browser(house.colleague), house.browser(house.theirs)
    open_up(colleague, house.robin)
    assert 'value="whole"' not in colleague.get(data).text
    assert send(colleague, data + "/export", **whole) == 404
    assert audit(house.practice, "data_refused")[-1][0] == house.colleague.actor
    assert 'value="whole"' in theirs.get(data).text
    assert send(theirs, data + "/export", **whole) == 200


class TestTakingOver:
    def test_who_opened_one_of_two_alone_cant_take_the_request_and_with_it_both(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        open_up(colleague, house.robin)
        address = f"/staff/intakes/{house.robin}"
        assert f"{address}/take" not in actions_on(colleague, address)
        assert "open the two together first" in colleague.get(address).text
        assert send(colleague, f"{address}/take", seen=house.theirs.actor) == 404
        assert colleague.get(f"/staff/couples/{house.couple.reference}").status_code == 404

    def test_who_opened_both_with_a_reason_each_can_take_it(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        open_up(colleague, house.robin)
        open_up(colleague, house.sasha)
        assert colleague.submit(f"/staff/intakes/{house.robin}", form="/take").status_code == 302
        assert colleague.get(f"/staff/couples/{house.couple.reference}").status_code == 200

    def test_who_opened_somebody_who_comes_alone_can_take_it(self, practice: Practice) -> None:
        found = send_request(practice, preferred_name="Robin")
        first = sign_in(practice, hire(practice, "clinician", email="first@practice.example"))
        first.submit(f"/staff/intakes/{found}", form="/take")
        colleague = sign_in(practice, hire(practice, "clinician", email="second@practice.example"))
        assert open_up(colleague, found) == 303
        assert colleague.submit(f"/staff/intakes/{found}", form="/take").status_code == 302

    def test_whose_it_was_reads_on_their_page_that_it_was_taken_and_why_it_was_opened(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        open_up(colleague, house.robin, BOTH)
        colleague.submit(f"/staff/intakes/{house.robin}", form="/take")

        theirs = house.browser(house.theirs)
        page = theirs.get("/staff/").text
        assert "took over the request of Robin, which was yours" in page
        assert REASON in page
        assert REASON in theirs.get("/staff/opened").text
        assert theirs.get(f"/staff/intakes/{house.robin}").status_code == 200
        assert "which was yours" not in colleague.get("/staff/").text
        assert "which was yours" not in desk(house.practice, "owner").get("/staff/").text

        house.practice.clock.advance(hours=TOLD_FOR.total_seconds() / 3600, seconds=1)
        assert "which was yours" not in house.browser(house.theirs).get("/staff/").text

    def test_what_came_back_to_whose_it_was_is_no_line(self, house: Floor) -> None:
        owner = sign_in(house.practice, hire(house.practice, "owner", email="o@practice.example"))
        request = f"/staff/intakes/{house.robin}"
        owner.submit(request, {"to": house.colleague.actor.removeprefix("staff:")}, form="/hand-over")
        assert "handed on the request of Robin" in house.browser(house.theirs).get("/staff/").text
        owner.submit(request, {"to": house.theirs.actor.removeprefix("staff:")}, form="/hand-over")
        assert "which was yours" not in house.browser(house.theirs).get("/staff/").text
        assert "handed on the request of Robin" in house.browser(house.colleague).get("/staff/").text


def test_paper_and_whoever_comes_along_are_looks_under_the_grant(house: Floor) -> None:
    colleague = house.browser(house.colleague)
    open_up(colleague, house.robin, BOTH)
    colleague.get(f"/staff/intakes/{house.robin}/print")
    listed = house.browser(house.theirs).get("/staff/opened").text
    for look in ("The request on paper", "The request, to print it", "Who comes with them"):
        assert look in listed
    assert "The two together," not in listed  # their page was not opened
    colleague.get(f"/staff/couples/{house.couple.reference}")
    assert "The two together," in house.browser(house.theirs).get("/staff/opened").text
