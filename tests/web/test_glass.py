"""A clinician opens with a reason what is a colleague's: the trace comes first, and reading is all that it gives."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest
from sqlalchemy import select

from practice.audit import AuditEntry
from practice.database import db
from practice.intake.models import Intake
from practice.review import glass_actions, glass_pages, routes
from practice.review.glass_forms import BOTH, SHORTEST_REASON
from practice.review.glass_models import GlassGrant
from practice.review.glass_queries import UNDER, reason_of
from practice.review.steps import UNTOUCHED
from practice.staff.duty import actions as duty
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.glass import REASON, Floor, floor, open_up
from tests.support.staff import audit, hire, sign_in, signed_in_long_ago
from tests.support.story import Practice

CLOSED = "You can open it with a reason"
AGAIN = "/staff/confirm-password"


@pytest.fixture
def house(practice: Practice) -> Floor:
    return floor(practice)


def page(browser: Browser, intake: str, rest: str = "") -> tuple[int, str]:
    answer = browser.get(f"/staff/intakes/{intake}{rest}")
    return answer.status_code, answer.text


def grants(house: Floor) -> list[GlassGrant]:
    with house.practice.app.app_context():
        return list(db.session.scalars(select(GlassGrant)))


def looks_under_a_grant(house: Floor) -> list[tuple[str, str, str]]:
    """What the audit log has as looked at under a grant: who, what, which page."""
    with house.practice.app.app_context():
        told = [(one, json.loads(one.detail)) for one in db.session.scalars(select(AuditEntry))]
        return [(one.actor, one.action, detail.get("page", "")) for one, detail in told if UNDER in detail]


def told(words: list[str], text: str) -> list[str]:
    return [word for word in words if word in text]


class TestTheRule:
    def test_whose_they_are_reads_both_and_a_colleague_the_logistics_of_both(self, house: Floor) -> None:
        theirs, colleague = house.browser(house.theirs), house.browser(house.colleague)
        for intake in (house.robin, house.sasha):
            assert told(house.words, page(theirs, intake)[1])
            status, text = page(colleague, intake)
            assert (status, told(house.words, text)) == (200, [])
            assert CLOSED in text
            assert page(colleague, intake, "/just-for-you")[0] == 404
            assert page(colleague, intake, "/pulse")[0] == 404
            assert page(colleague, intake, "/decline")[0] == 404
        assert colleague.get(f"/staff/couples/{house.couple.reference}").status_code == 404
        assert theirs.get(f"/staff/couples/{house.couple.reference}").status_code == 200

    def test_what_nobody_owns_every_clinician_reads(self, house: Floor) -> None:
        with house.practice.app.app_context(), begin_work() as work:
            for row in work.session.scalars(select(Intake)):
                row.owner = None
        assert told(house.words, page(house.browser(house.colleague), house.robin)[1])

    def test_a_colleagues_look_at_the_logistics_is_no_first_look(self, house: Floor) -> None:
        page(house.browser(house.colleague), house.robin)
        with house.practice.app.app_context():
            assert [row.looked_at for row in db.session.scalars(select(Intake))] == [None, None]

    @pytest.mark.parametrize("step", ["accept", "take", "hand-over", "read", "decline"])
    def test_a_colleague_decides_nothing(self, house: Floor, step: str) -> None:
        colleague = house.browser(house.colleague)
        found = colleague.get("/staff/account").text.split('name="csrf_token" value="')[1].split('"')[0]
        sent: dict[str, Any] = {"csrf_token": found, "seen": UNTOUCHED, "to": "1", "ending": ""}
        if step in ("take", "hand-over"):
            sent["seen"] = house.theirs.actor
        assert colleague.post(f"/staff/intakes/{house.robin}/{step}", data=sent).status_code == 404


class TestOpening:
    def test_without_a_reason_nothing_opens(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        for reason in ("", "   ", "x" * (SHORTEST_REASON - 1)):
            assert open_up(colleague, house.robin, reason=reason) == 422
        assert open_up(colleague, house.robin, what="everybody") == 422
        assert grants(house) == []
        assert audit(house.practice, "glass_broken") == []
        assert CLOSED in page(colleague, house.robin)[1]

    def test_with_a_reason_they_read_everything_of_this_one_and_nothing_of_the_other(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        assert open_up(colleague, house.robin) == 303

        status, text = page(colleague, house.robin)
        assert (status, bool(told(house.words, text))) == (200, True)
        assert told(house.words, page(colleague, house.robin, "/just-for-you")[1])
        assert told(house.words, page(colleague, house.sasha)[1]) == []
        assert colleague.get(f"/staff/couples/{house.couple.reference}").status_code == 404
        assert audit(house.practice, "glass_broken") == [(house.colleague.actor, "glass_broken", house.robin)]
        [grant] = grants(house)
        assert grant.whose == house.theirs.actor
        with house.practice.app.app_context():
            assert reason_of(db.session.get_one(GlassGrant, grant.id)) == REASON
        assert REASON.encode() not in grant.reason_sealed

    def test_the_two_open_together(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        assert open_up(colleague, house.robin, what=BOTH) == 303
        assert colleague.get(f"/staff/couples/{house.couple.reference}").status_code == 200
        assert told(house.words, page(colleague, house.sasha)[1])
        [grant] = grants(house)
        with house.practice.app.app_context():
            assert reason_of(db.session.get_one(GlassGrant, grant.id)) == REASON

    def test_the_trace_stands_before_anything_is_shown(self, house: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever fails after the work that opens it: who opened what, and why, is there."""
        colleague = house.browser(house.colleague)

        def fails(*_: object, **__: object) -> NoReturn:
            raise RuntimeError("the process ends here")

        with monkeypatch.context() as broken:
            broken.setattr(glass_pages, "flash", fails)
            assert open_up(colleague, house.robin) == 500
        assert audit(house.practice, "glass_broken") == [(house.colleague.actor, "glass_broken", house.robin)]
        assert len(grants(house)) == 1

        with monkeypatch.context() as broken:
            broken.setattr(routes, "render_template", fails)
            assert page(colleague, house.robin)[0] == 500
        assert looks_under_a_grant(house) == [(house.colleague.actor, "intake_viewed", "intake")]

    def test_the_trace_and_the_right_come_together_or_not_at_all(
        self, house: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object, **__: object) -> NoReturn:
            raise RuntimeError("the audit log can't be written")

        colleague = house.browser(house.colleague)
        with monkeypatch.context() as broken:
            broken.setattr(glass_actions, "record", fails)
            assert open_up(colleague, house.robin) == 500
        assert grants(house) == []
        assert CLOSED in page(colleague, house.robin)[1]

    def test_whoever_typed_their_password_long_ago_types_it_again_first(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        signed_in_long_ago(house.practice)
        answer = colleague.get(f"/staff/intakes/{house.robin}/open")
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, AGAIN)

    def test_whose_it_is_needs_no_reason_and_nobody_else_has_the_page(self, house: Floor) -> None:
        theirs = house.browser(house.theirs)
        assert theirs.get(f"/staff/intakes/{house.robin}/open").location == f"/staff/intakes/{house.robin}"
        for role in ("coordinator", "owner", "therapist"):
            other = sign_in(house.practice, hire(house.practice, role, email=f"{role}@practice.example"))
            assert other.get(f"/staff/intakes/{house.robin}/open").status_code == 404


class TestWhatItGives:
    def test_it_ends_by_the_clock(self, house: Floor) -> None:
        open_up(house.browser(house.colleague), house.robin)
        house.practice.clock.advance(hours=24, seconds=-1)
        assert told(house.words, page(house.browser(house.colleague), house.robin)[1])
        house.practice.clock.advance(seconds=1)
        status, text = page(house.browser(house.colleague), house.robin)
        assert (status, told(house.words, text)) == (200, [])
        assert page(house.browser(house.colleague), house.robin, "/just-for-you")[0] == 404

    def test_it_can_be_closed_before_by_who_opened_it_and_by_the_owner_alone(self, house: Floor) -> None:
        colleague, theirs = house.browser(house.colleague), house.browser(house.theirs)
        open_up(colleague, house.robin)
        [grant] = grants(house)
        end = f"/staff/opened/{grant.reference}/end"
        token = theirs.get("/staff/account").text.split('name="csrf_token" value="')[1].split('"')[0]
        assert theirs.post(end, data={"csrf_token": token}).status_code == 404

        assert colleague.submit("/staff/opened", form=end).status_code == 303
        assert CLOSED in page(colleague, house.robin)[1]
        assert audit(house.practice, "glass_closed") == [(house.colleague.actor, "glass_closed", grant.reference)]

        open_up(colleague, house.robin)
        owner = sign_in(house.practice, hire(house.practice, "owner", email="o@practice.example"))
        assert owner.submit("/staff/opened", form="/end").status_code == 303
        assert CLOSED in page(colleague, house.robin)[1]

    def test_who_opened_it_decides_nothing_before_they_take_it_over(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        open_up(colleague, house.robin, what=BOTH)
        text = page(colleague, house.robin)[1]
        assert "/accept" not in text
        assert "/correct/" not in text
        token = text.split('name="csrf_token" value="')[1].split('"')[0]
        for step in ("accept", "hand-over", "read"):
            sent = {"csrf_token": token, "seen": UNTOUCHED if step == "accept" else house.theirs.actor, "to": "1"}
            assert colleague.post(f"/staff/intakes/{house.robin}/{step}", data=sent).status_code == 404
        assert page(colleague, house.robin, "/correct/4")[0] == 404
        with house.practice.app.app_context():
            assert [row.looked_at for row in db.session.scalars(select(Intake))] == [None, None]

        assert colleague.submit(f"/staff/intakes/{house.robin}", form="/take").status_code == 302
        given = audit(house.practice, "request_given")[-1]
        assert given == (house.colleague.actor, "request_given", house.robin)
        assert "/accept" in page(colleague, house.robin)[1]

    def test_each_look_is_noted_and_whoever_answers_for_them_reads_of_it(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        open_up(colleague, house.robin)
        page(colleague, house.robin)
        page(colleague, house.robin, "/just-for-you")
        page(colleague, house.robin, "/pulse")
        who = house.colleague.actor
        assert looks_under_a_grant(house) == [
            (who, "intake_viewed", "intake"),
            (who, "intake_viewed", "private"),
            (who, "pulse_viewed", ""),
        ]

        owner = hire(house.practice, "owner", email="o@practice.example")
        for told_to in (house.browser(house.theirs), sign_in(house.practice, owner)):
            assert REASON in told_to.get("/staff/").text
            listed = told_to.get("/staff/opened").text
            assert REASON in listed
            assert "“Just for you”" in listed
        for nobody in (
            sign_in(house.practice, hire(house.practice, "clinician", email="third@practice.example")),
            sign_in(house.practice, hire(house.practice, "coordinator", email="desk@practice.example")),
        ):
            assert REASON not in nobody.get("/staff/").text
            assert REASON not in nobody.get("/staff/opened").text

        house.practice.clock.advance(days=8)
        assert REASON not in sign_in(house.practice, owner).get("/staff/").text
        assert REASON in sign_in(house.practice, owner).get("/staff/opened").text

    def test_data_of_whom_they_opened_is_read_and_not_decided_about(self, house: Floor) -> None:
        colleague = house.browser(house.colleague)
        data = f"/staff/data/{house.couple.one.reference}"
        assert colleague.get(data).status_code == 404
        open_up(colleague, house.robin)
        assert colleague.get(data).status_code == 200
        assert colleague.submit(data, {"reason": "A court asks"}, form="/hold").status_code == 404
        assert tuple(entry[1] for entry in audit(house.practice, "data_seen", "data_refused")[-2:]) == (
            "data_seen",
            "data_refused",
        )


def test_an_urgent_notice_opens_them_to_whom_it_calls_and_a_day_long_to_who_answered(house: Floor) -> None:
    practice = house.practice
    with practice.app.app_context(), begin_work() as work:
        duty.raise_notice(work, house.robin, "book")
    assert told(house.words, page(house.browser(house.colleague), house.robin)[1])  # nobody named: every clinician
    with practice.app.app_context(), begin_work() as work:
        account = int(house.theirs.actor.removeprefix("staff:"))
        duty.save_week(work, "staff:1", dict.fromkeys(range(7), account))
    assert told(house.words, page(house.browser(house.colleague), house.robin)[1]) == []
    practice.clock.advance(minutes=31)
    practice.work_until_idle()  # it calls every clinician by now
    colleague = house.browser(house.colleague)
    assert page(colleague, house.robin, "/just-for-you")[0] == 200
    assert audit(practice, "notice_read")[-1] == (house.colleague.actor, "notice_read", house.robin)
    practice.clock.advance(hours=23)
    assert told(house.words, page(house.browser(house.colleague), house.robin)[1])
    practice.clock.advance(hours=1)
    assert told(house.words, page(house.browser(house.colleague), house.robin)[1]) == []
