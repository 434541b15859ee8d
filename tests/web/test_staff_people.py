"""The people who work here: invited, given roles, ended and opened again, and what an invitation's link is worth."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from practice.booking.offers.queries import get_therapist
from practice.calendars.actions import add_feed
from practice.calendars.models import Detail, Feed
from practice.database import db
from practice.errors import NotFound
from practice.intake.owners import count_undecided, give_undecided
from practice.review.lifecycle import OPEN, Stage
from practice.settings import Settings
from practice.staff import hashing
from practice.staff.duty.actions import save_week
from practice.staff.duty.queries import list_turns
from practice.staff.models import StaffAccount
from practice.staff.people import actions
from practice.staff.people.models import StaffInvitation, StaffInvitationLink
from practice.staff.people.queries import mark_of
from practice.staff.queries import find_account
from practice.work import begin_work
from tests.support.authenticator import Passkey, add_passkey
from tests.support.browsing import Browser
from tests.support.clock import FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.offers import ADA, NOOR, change_therapist
from tests.support.staff import (
    PASSWORD,
    SIGN_IN,
    Colleague,
    audit,
    desk,
    hire,
    request_of,
    send_request,
    sign_in,
    signed_in_long_ago,
)
from tests.support.story import Practice

PEOPLE = "/staff/people"
NEW_EMAIL = "robin@practice.example"
STRONG = "seven patient green doors"
LINK = re.compile(r"https://practice\.example(/staff/invitation/[\w-]{43})")


@pytest.fixture
def olive(practice: Practice) -> Colleague:
    return hire(practice, "owner", email="olive@practice.example")


@pytest.fixture
def owner(practice: Practice, olive: Colleague) -> Browser:
    return sign_in(practice, olive)


@pytest.fixture
def sam(practice: Practice) -> Colleague:
    return hire(practice, "clinician", "therapist", therapist=ADA)


def page_of(practice: Practice, colleague: Colleague) -> str:
    return f"{PEOPLE}/{colleague.actor.removeprefix('staff:')}"


def account_of(practice: Practice, email: str) -> StaffAccount:
    """Their row, detached; its roles are read."""
    with practice.app.app_context():
        account = find_account(email)
        assert account is not None
        return account


def roles_of(practice: Practice, email: str) -> set[str]:
    return {role.name for role in account_of(practice, email).roles}


def invite(owner: Browser, **said: Any) -> Any:
    given = {"email": NEW_EMAIL, "roles": ["coordinator"], "therapist": "", **said}
    return owner.submit(PEOPLE, given, form="/staff/people/invite")


def letter(practice: Practice, mailer: FakeMailer, email: str = NEW_EMAIL) -> str:
    """Where the last letter to somebody leads."""
    practice.work_until_idle()
    found = LINK.search(mailer.letters_to(email)[-1].text)
    assert found is not None
    return found.group(1)


def choose(browser: Browser, link: str, password: str = STRONG, **said: Any) -> Any:
    return browser.submit(link, {"password": password, "again": password, **said})


def can_sign_in(practice: Practice, email: str, password: str = PASSWORD) -> bool:
    return practice.browser().submit(SIGN_IN, {"email": email, "password": password}).status_code == 302


def owned_by(practice: Practice, colleague: Colleague) -> str:
    """The reference of a request that is theirs, and undecided."""
    reference = send_request(practice)
    with practice.app.app_context(), begin_work():
        request_of(practice, reference).owner = colleague.actor
    return reference


def owner_of(practice: Practice, reference: str) -> str | None:
    with practice.app.app_context():
        return request_of(practice, reference).owner


def test_everybody_stands_on_the_page_with_what_an_owner_must_know(
    practice: Practice, owner: Browser, sam: Colleague
) -> None:
    add_passkey(sign_in(practice, sam), Passkey())

    page = owner.get(PEOPLE).text

    for words in ("sam@practice.example", "clinician and therapist", "second factor on", "olive@practice.example"):
        assert words in page
    assert "<b>no second factor</b>" in page


def test_an_invitation_leads_to_an_account_with_the_roles_that_the_owner_chose(
    practice: Practice, mailer: FakeMailer, owner: Browser, olive: Colleague
) -> None:
    assert invite(owner).status_code == 302
    link = letter(practice, mailer)
    browser = practice.browser()

    answer = choose(browser, link)

    assert answer.location == "/staff/sign-in?next=/staff/two-factor"
    assert roles_of(practice, NEW_EMAIL) == {"coordinator"}
    signed = browser.submit(answer.location, {"email": NEW_EMAIL, "password": STRONG})
    assert signed.location == "/staff/two-factor"  # asked for next
    assert [entry[0] for entry in audit(practice, "colleague_invited", "account_created")][-2:] == [olive.actor] * 2


def test_the_letter_is_neutral_and_only_the_hash_of_its_link_is_kept(
    practice: Practice, mailer: FakeMailer, owner: Browser
) -> None:
    invite(owner, roles=["clinician"], therapist=ADA)
    link = letter(practice, mailer)

    [sent] = mailer.letters_to(NEW_EMAIL)

    assert sent.subject == "Your account"
    for word in ("clinician", "couple", "therap", "olive", ADA):
        assert word not in (sent.subject + sent.text).lower().replace("practice.example", "")
    with practice.app.app_context():
        [row] = db.session.scalars(select(StaffInvitationLink))
        assert link.rpartition("/")[2].encode() not in row.token_hash


def test_looking_changes_nothing(practice: Practice, mailer: FakeMailer, owner: Browser) -> None:
    invite(owner)
    link = letter(practice, mailer)
    scanner = practice.browser()

    for _ in range(3):
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200

    assert choose(practice.browser(), link).status_code == 302


def test_a_link_that_was_used_taken_back_replaced_or_ran_out_is_gone_and_says_nothing(
    practice: Practice, mailer: FakeMailer, clock: FrozenClock, owner: Browser
) -> None:
    invite(owner)
    first = letter(practice, mailer)
    clock.advance(minutes=1)
    owner.submit(PEOPLE, form="/again")
    second = letter(practice, mailer)
    choose(practice.browser(), second)
    invite(owner, email="kit@practice.example")
    taken = letter(practice, mailer, "kit@practice.example")
    owner.submit(PEOPLE, form="/take-back")
    invite(owner, email="lou@practice.example")
    old = letter(practice, mailer, "lou@practice.example")
    clock.advance(days=7)

    for link in (first, second, taken, old):
        page = practice.browser().get(link)
        assert page.status_code == 410
        assert not re.search("robin|kit@|lou@|coordinator", page.text)
        token = _token(practice.browser().get(SIGN_IN).text)
        sent = practice.browser().post(link, data={"csrf_token": token, "password": STRONG, "again": STRONG})
        assert sent.status_code in (400, 410)
    assert practice.browser().get("/staff/invitation/" + "x" * 43).status_code == 404


def test_a_token_of_another_purpose_opens_no_invitation_nor_the_other_way_round(
    practice: Practice, mailer: FakeMailer, owner: Browser
) -> None:
    invite(owner)
    token = letter(practice, mailer).rpartition("/")[2]

    for page in (f"/return/{token}", f"/join/{token}", f"/calendars/{token}.ics", f"/stop/{token}"):
        assert practice.browser().get(page).status_code == 404


def test_fields_that_nobody_asked_for_are_ignored(
    practice: Practice, mailer: FakeMailer, owner: Browser, sam: Colleague
) -> None:
    invite(owner, account_id="1", expires_at="2099-01-01", made_by="staff:9")
    extra = {"roles": ["owner"], "role": "owner", "email": "evil@x.example", "therapist": ADA, "active": "y"}

    choose(practice.browser(), letter(practice, mailer), **extra)

    assert roles_of(practice, NEW_EMAIL) == {"coordinator"}
    account = account_of(practice, NEW_EMAIL)
    assert (account.therapist_id, account.email) == (None, NEW_EMAIL)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"email": ""}, "Write the address"),
        ({"email": "robin"}, "no email address"),
        ({"email": "SAM@practice.example"}, "Somebody has this address already"),
        ({"roles": []}, "Choose at least one"),
        ({"roles": ["king"]}, "king"),
        ({"roles": ["therapist"]}, "Say which therapist they are"),
        ({"roles": ["therapist"], "therapist": ADA}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nobody_is_invited(
    practice: Practice, owner: Browser, sam: Colleague, said: dict[str, Any], words: str
) -> None:
    answer = invite(owner, **said)

    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert "<title>Error: People" in answer.text
    with practice.app.app_context():
        assert db.session.scalars(select(StaffInvitation)).all() == []


def test_nobody_is_invited_twice(practice: Practice, owner: Browser) -> None:
    invite(owner)

    assert invite(owner).status_code == 409


def test_a_weak_password_is_refused_before_any_work_and_the_link_stays_good(
    practice: Practice, mailer: FakeMailer, owner: Browser
) -> None:
    invite(owner)
    link = letter(practice, mailer)

    weak = choose(practice.browser(), link, "iloveyouforever!")
    differ = choose(practice.browser(), link, again="something else")
    with patch.object(hashing, "in_work", return_value=True), pytest.raises(RuntimeError):
        hashing.hash_new(STRONG, address=NEW_EMAIL)

    assert (weak.status_code, differ.status_code) == (422, 422)
    assert "first that somebody would try" in weak.text
    assert "The two passwords differ" in differ.text
    assert choose(practice.browser(), link).status_code == 302


def test_roles_change_from_the_next_page_on(practice: Practice, owner: Browser, sam: Colleague) -> None:
    theirs = sign_in(practice, sam)
    assert theirs.get("/staff/duty").status_code == 200

    answer = owner.submit(page_of(practice, sam), {"roles": ["coordinator"], "therapist": ""}, form="/roles")

    assert answer.status_code == 302
    assert theirs.get("/staff/duty").status_code == 404
    assert roles_of(practice, sam.email) == {"coordinator"}
    assert account_of(practice, sam.email).therapist_id is None
    assert audit(practice, "roles_changed")[0][2] == sam.actor


def test_a_practice_is_never_without_an_owner(practice: Practice, owner: Browser, olive: Colleague) -> None:
    own = page_of(practice, olive)

    stepping_down = owner.submit(own, {"roles": ["clinician"]}, form="/roles")
    going = owner.submit(own, form=f"{own}/end")

    assert (stepping_down.status_code, going.status_code) == (422, 422)
    assert "This is the only owner" in stepping_down.text
    assert "This is the only owner" in going.text
    assert roles_of(practice, olive.email) == {"owner"}


def test_an_owner_who_ended_counts_for_none(practice: Practice, owner: Browser, olive: Colleague) -> None:
    other = hire(practice, "owner", email="otto@practice.example")
    page = page_of(practice, other)
    assert owner.submit(page, form=f"{page}/end").status_code == 302

    assert owner.submit(page_of(practice, olive), {"roles": ["clinician"]}, form="/roles").status_code == 422


def test_an_owner_may_step_down_where_there_is_another(practice: Practice, owner: Browser, olive: Colleague) -> None:
    hire(practice, "owner", email="otto@practice.example")

    answer = owner.submit(page_of(practice, olive), {"roles": ["clinician"]}, form="/roles")

    assert answer.location == "/staff/"
    assert owner.get(PEOPLE).status_code == 404


def test_roles_of_a_therapist_who_takes_no_more_bookings_change_and_they_stay_that_therapist(
    practice: Practice, owner: Browser, sam: Colleague
) -> None:
    change_therapist(practice, active=False)

    answer = owner.submit(page_of(practice, sam), {"roles": ["coordinator"], "therapist": ADA}, form="/roles")

    assert answer.status_code == 302
    assert roles_of(practice, sam.email) == {"coordinator"}
    assert account_of(practice, sam.email).therapist_id is not None


def test_nobody_becomes_a_therapist_who_takes_no_more_bookings(
    practice: Practice, owner: Browser, sam: Colleague
) -> None:
    change_therapist(practice, NOOR, active=False)
    number = int(sam.actor.removeprefix("staff:"))
    seen = mark_of(account_of(practice, sam.email))

    with practice.app.app_context(), pytest.raises(NotFound), begin_work() as work:
        actions.change_roles(work, "system", number, ["therapist"], NOOR, successor=None, seen=seen)


def test_whoever_was_late_changes_nothing_and_reads_how_it_stands(
    practice: Practice, owner: Browser, sam: Colleague
) -> None:
    path = page_of(practice, sam)
    page = owner.get(path)
    owner.submit(path, {"roles": ["owner"]}, form="/roles")

    late = owner.send_form(page, {"roles": ["coordinator"]}, form="/roles")
    ended = owner.send_form(page, form=f"{path}/end")

    assert (late.status_code, ended.status_code) == (409, 409)
    assert "Somebody changed this while you had it open" in late.text
    assert roles_of(practice, sam.email) == {"owner"}


def test_the_end_of_an_account_ends_all_that_goes_with_it(
    practice: Practice, owner: Browser, olive: Colleague, sam: Colleague
) -> None:
    theirs = sign_in(practice, sam)
    mine, decided = send_request(practice), send_request(practice)
    with practice.app.app_context(), begin_work() as work:
        for reference in (mine, decided):
            request_of(practice, reference).owner = sam.actor
        row = request_of(practice, decided)
        row.review_state, row.decided_at, row.decided_by = "accepted", work.now, sam.actor
        save_week(work, "command", {0: int(sam.actor.removeprefix("staff:"))})
        _, token = add_feed(work, get_therapist(ADA), "Phone", Detail.SESSION)
    path = page_of(practice, sam)
    page = owner.get(path).text
    assert "1 undecided request of theirs" in page
    assert "1 private calendar address" in page

    answer = owner.submit(path, {"successor": olive.actor.removeprefix("staff:")}, form=f"{path}/end")

    assert answer.status_code == 302
    assert theirs.get("/staff/account").status_code == 303
    assert not can_sign_in(practice, sam.email)
    assert practice.browser().get(f"/calendars/{token}.ics").status_code == 404
    with practice.app.app_context(), begin_work() as work:
        assert list_turns(work.now) == []
        assert work.session.scalars(select(Feed)).all() == []
        assert request_of(practice, mine).owner == olive.actor
        assert request_of(practice, decided).owner == sam.actor
    assert audit(practice, "account_ended", "request_given") == [
        (olive.actor, "request_given", mine),
        (olive.actor, "account_ended", sam.actor),
    ]
    assert "Ended" in owner.get(PEOPLE).text


@pytest.mark.parametrize("stage", Stage)
def test_requests_of_whoever_goes_go_on_as_long_as_nobody_decided_them(
    practice: Practice, olive: Colleague, sam: Colleague, stage: Stage
) -> None:
    reference = send_request(practice)
    with practice.app.app_context(), begin_work() as work:
        row = request_of(practice, reference)
        row.owner, row.review_state, row.decided_at = sam.actor, stage, None

    with practice.app.app_context(), begin_work() as work:
        before = count_undecided(sam.actor)
        given = give_undecided(work, olive.actor, sam.actor, None)

    assert (before, given) == ((1, 1) if stage in OPEN else (0, 0))


@pytest.mark.parametrize("way", ["ends", "steps down"])
def test_an_owner_who_goes_leaves_no_door_open(
    practice: Practice, mailer: FakeMailer, owner: Browser, olive: Colleague, way: str
) -> None:
    otto = hire(practice, "owner", email="otto@practice.example")
    other = sign_in(practice, otto)
    assert invite(owner, email="olive@private.example", roles=["owner"]).status_code == 302
    invite(other)
    theirs, link = letter(practice, mailer), letter(practice, mailer, "olive@private.example")
    path = page_of(practice, olive)
    assert "1 open invitation that they sent, ended with it" in other.get(path).text

    if way == "ends":
        other.submit(path, form=f"{path}/end")
    else:
        other.submit(path, {"roles": ["clinician"]}, form="/roles")

    assert practice.browser().get(link).status_code == 410
    assert choose(practice.browser(), theirs).status_code == 302
    assert [who for who, *_ in audit(practice, "colleague_invitation_ended")] == [otto.actor]


def test_an_invitation_stands_while_whoever_sent_it_is_an_owner(
    practice: Practice, mailer: FakeMailer, owner: Browser, olive: Colleague
) -> None:
    hire(practice, "owner", email="otto@practice.example")
    invite(owner)

    owner.submit(page_of(practice, olive), {"roles": ["owner", "clinician"]}, form="/roles")

    assert choose(practice.browser(), letter(practice, mailer)).status_code == 302


def test_a_link_for_a_password_outlives_the_owner_who_sent_it(
    practice: Practice, mailer: FakeMailer, owner: Browser, olive: Colleague, sam: Colleague
) -> None:
    other = sign_in(practice, hire(practice, "owner", email="otto@practice.example"))
    owner.submit(page_of(practice, sam), form="/new-password")
    link, path = letter(practice, mailer, sam.email), page_of(practice, olive)

    other.submit(path, form=f"{path}/end")

    assert practice.browser().get(link).status_code == 200  # it leads to an account that is there, at its own address


@pytest.mark.parametrize("to", ["olive", "nobody"])
def test_requests_of_whoever_decides_no_more_go_to_whom_the_owner_names(
    practice: Practice, owner: Browser, olive: Colleague, sam: Colleague, to: str
) -> None:
    path = page_of(practice, sam)
    assert "Who takes over their requests" not in owner.get(path).text.partition("End the account")[0]
    mine = owned_by(practice, sam)
    assert "Who takes over their requests" in owner.get(path).text.partition("End the account")[0]
    heir = olive.actor.removeprefix("staff:") if to == "olive" else ""

    owner.submit(path, {"roles": ["owner"], "requests_to": heir}, form="/roles")
    assert owner_of(practice, mine) == sam.actor  # they decide as before
    owner.submit(path, {"roles": ["coordinator"], "therapist": "", "requests_to": heir}, form="/roles")

    assert owner_of(practice, mine) == (olive.actor if heir else None)
    assert audit(practice, "request_given") == [(olive.actor, "request_given", mine)]


def test_nobody_takes_over_who_decides_nothing_when_roles_change(
    practice: Practice, owner: Browser, sam: Colleague
) -> None:
    desk_only = hire(practice, "coordinator", email="kim@practice.example")
    mine, path = owned_by(practice, sam), page_of(practice, sam)
    said = {"roles": ["coordinator"], "therapist": "", "requests_to": desk_only.actor.removeprefix("staff:")}

    answer = owner.submit(path, said, form="/roles")

    assert answer.status_code == 422
    assert owner_of(practice, mine) == sam.actor
    assert roles_of(practice, sam.email) == {"clinician", "therapist"}


def test_requests_are_handed_to_nobody_who_does_not_decide(practice: Practice, owner: Browser, sam: Colleague) -> None:
    desk_only = hire(practice, "coordinator", email="kim@practice.example")
    path = page_of(practice, sam)

    answer = owner.submit(path, {"successor": desk_only.actor.removeprefix("staff:")}, form=f"{path}/end")

    assert answer.status_code == 422
    assert account_of(practice, sam.email).active


def test_an_account_that_is_opened_again_is_as_before(practice: Practice, owner: Browser, sam: Colleague) -> None:
    before = sign_in(practice, sam)
    path = page_of(practice, sam)
    owner.submit(path, form=f"{path}/end")

    owner.submit(path, form="/open-again")

    assert before.get("/staff/account").status_code == 303  # what was open then is not now
    assert can_sign_in(practice, sam.email)
    assert roles_of(practice, sam.email) == {"clinician", "therapist"}


def test_an_owner_who_ends_their_own_account_is_out(practice: Practice, owner: Browser, olive: Colleague) -> None:
    hire(practice, "owner", email="otto@practice.example")
    path = page_of(practice, olive)

    answer = owner.submit(path, form=f"{path}/end")

    assert answer.location == "/staff/sign-in"
    assert not can_sign_in(practice, olive.email)


def test_a_link_for_a_new_password_ends_the_old_one_and_every_session_once_it_is_used(
    practice: Practice, mailer: FakeMailer, clock: FrozenClock, owner: Browser, sam: Colleague
) -> None:
    theirs = sign_in(practice, sam)
    owner.submit(page_of(practice, sam), form="/new-password")
    clock.advance(minutes=1)
    first = letter(practice, mailer, sam.email)
    owner.submit(page_of(practice, sam), form="/new-password")
    link = letter(practice, mailer, sam.email)
    assert theirs.get("/staff/account").status_code == 200

    choose(practice.browser(), link)

    assert practice.browser().get(first).status_code == 410
    assert theirs.get("/staff/account").status_code == 303
    assert not can_sign_in(practice, sam.email)
    assert can_sign_in(practice, sam.email, STRONG)
    assert roles_of(practice, sam.email) == {"clinician", "therapist"}
    assert audit(practice, "password_chosen_anew") == [(sam.actor, "password_chosen_anew", sam.actor)]


def test_a_new_password_takes_no_second_factor_away(
    practice: Practice, mailer: FakeMailer, owner: Browser, sam: Colleague
) -> None:
    add_passkey(sign_in(practice, sam), Passkey())
    owner.submit(page_of(practice, sam), form="/new-password")
    browser = practice.browser()

    choose(browser, letter(practice, mailer, sam.email))
    answer = browser.submit(SIGN_IN, {"email": sam.email, "password": STRONG})

    assert answer.location.startswith("/staff/passkey")


def test_a_link_to_a_password_opens_nothing_once_the_account_has_ended(
    practice: Practice, mailer: FakeMailer, owner: Browser, sam: Colleague
) -> None:
    path = page_of(practice, sam)
    owner.submit(path, form="/new-password")
    link = letter(practice, mailer, sam.email)

    owner.submit(path, form=f"{path}/end")

    assert practice.browser().get(link).status_code == 410


def test_a_second_factor_is_taken_away_from_others_and_never_from_oneself(
    practice: Practice, owner: Browser, olive: Colleague, sam: Colleague
) -> None:
    theirs = sign_in(practice, sam)
    add_passkey(theirs, Passkey())
    add_passkey(owner, Passkey())
    token = _token(owner.get(PEOPLE).text)

    owner.submit(page_of(practice, sam), form="/second-factor/take-away")
    own = owner.post(f"{page_of(practice, olive)}/second-factor/take-away", data={"csrf_token": token})

    assert own.status_code == 404
    assert theirs.get("/staff/account").status_code == 303
    assert can_sign_in(practice, sam.email)
    assert audit(practice, "second_factor_taken_away") == [(olive.actor, "second_factor_taken_away", sam.actor)]


def test_an_owner_ends_one_session_of_somebody_else(practice: Practice, owner: Browser, sam: Colleague) -> None:
    first, second = sign_in(practice, sam), sign_in(practice, sam)

    owner.submit(page_of(practice, sam), form="/sessions/")

    assert sorted([first.get("/staff/account").status_code, second.get("/staff/account").status_code]) == [200, 303]


@pytest.mark.parametrize("role", ["clinician", "coordinator"])
def test_only_owners_come_here(practice: Practice, owner: Browser, sam: Colleague, role: str) -> None:
    browser = desk(practice, role)
    token = _token(browser.get("/staff/account").text)
    path = page_of(practice, sam)

    for page in (PEOPLE, path):
        assert browser.get(page).status_code == 404
    forms = (f"{PEOPLE}/invite", f"{path}/roles", f"{path}/end", f"{path}/open-again", f"{path}/new-password")
    for page in (*forms, f"{path}/second-factor/take-away"):
        assert browser.post(page, data={"csrf_token": token, "roles": "owner"}).status_code == 404
    assert roles_of(practice, sam.email) == {"clinician", "therapist"}


def test_all_of_it_asks_for_the_password_once_more(practice: Practice, owner: Browser, sam: Colleague) -> None:
    path = page_of(practice, sam)
    page, everybody = owner.get(path), owner.get(PEOPLE)
    signed_in_long_ago(practice)

    answers = [owner.send_form(page, form=part) for part in ("/roles", f"{path}/end", "/new-password")]
    answers += [owner.send_form(everybody, {"email": NEW_EMAIL}, form="/invite"), owner.get(path), owner.get(PEOPLE)]

    assert {answer.location.partition("?")[0] for answer in answers} == {"/staff/confirm-password"}
    assert account_of(practice, sam.email).active


def test_an_account_that_is_not_there_is_404(owner: Browser) -> None:
    token = _token(owner.get(PEOPLE).text)

    assert owner.get(f"{PEOPLE}/999").status_code == 404
    for what in ("roles", "end", "open-again", "new-password", "sessions/ss_x/end"):
        assert owner.post(f"{PEOPLE}/999/{what}", data={"csrf_token": token}).status_code == 404
    for what in ("again", "take-back"):
        assert owner.post(f"{PEOPLE}/invitations/iv_x/{what}", data={"csrf_token": token}).status_code == 404


def test_a_letter_that_is_late_for_its_invitation_is_not_sent(
    practice: Practice, mailer: FakeMailer, owner: Browser
) -> None:
    invite(owner)
    owner.submit(PEOPLE, form="/take-back")

    practice.work_until_idle()

    assert mailer.letters_to(NEW_EMAIL) == []


def test_a_letter_that_is_sent_twice_holds_two_links_and_both_work(
    practice: Practice, mailer: FakeMailer, owner: Browser
) -> None:
    invite(owner)
    link = letter(practice, mailer)
    with practice.app.app_context(), begin_work() as work:
        [invitation] = work.session.scalars(select(StaffInvitation))
        again = f"/staff/invitation/{actions.way_in(work, invitation)}"

    assert practice.browser().get(link).status_code == practice.browser().get(again).status_code == 200
    choose(practice.browser(), again)
    assert practice.browser().get(link).status_code == 410


def test_whoever_is_signed_in_here_is_signed_out_when_somebody_else_chooses_a_password(
    practice: Practice, mailer: FakeMailer, owner: Browser
) -> None:
    invite(owner)

    choose(owner, letter(practice, mailer))

    assert owner.get("/staff/account").status_code == 303


class TestProduction:
    """Where the second factor is no choice."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, env="production")

    def test_whoever_was_invited_sets_up_a_second_factor_before_anything_opens(
        self, practice: Practice, mailer: FakeMailer
    ) -> None:
        with practice.app.app_context(), begin_work() as work:
            actions.invite(work, "system", NEW_EMAIL, ["owner"], None)
        browser = practice.browser()
        answer = choose(browser, letter(practice, mailer))

        signed = browser.submit(answer.location, {"email": NEW_EMAIL, "password": STRONG})

        assert signed.location == "/staff/two-factor"
        assert browser.get("/staff/account").status_code == 303
        add_passkey(browser, Passkey())
        assert browser.get(PEOPLE).status_code == 200


def _token(html: str) -> str:
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]
