"""Being asked along: the letter, the code, the pages, and one's own way in."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from practice.couples import find_couple
from practice.database import db
from practice.intake.models import Intake
from practice.partners.lifecycle import Standing
from practice.partners.models import Invitation
from practice.partners.queries import standing_of
from practice.people import Person, contact_of, make_link
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.couples import (
    THEIR_CODE,
    client_for_two,
    come_along,
    invite_by_mail,
    make_code,
    practice_couple,
    token_in_mail,
)
from tests.support.staff import without_tokens


@pytest.fixture
def inviter(practice):
    return client_for_two(practice)


@pytest.fixture
def at_home(practice, inviter):
    return practice.browser(inviter)


@pytest.fixture
def token(practice, mailer, at_home):
    """Of an invitation that was mailed."""
    invite_by_mail(at_home)
    return token_in_mail(practice, mailer)


def people(practice):
    with practice.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Person))


def standing(practice, client):
    with practice.app.app_context():
        return standing_of(client.person_id)


def own_page(browser):
    return without_tokens(browser.get("/you").text)


def set_code(practice, client, code=THEIR_CODE):
    with practice.app.app_context(), begin_work():
        from practice.people import hash_code

        practice.person(client).code_hash = hash_code(code)


def test_somebody_who_is_asked_along_by_mail_joins_with_a_way_in_of_their_own(practice, inviter, at_home, token):
    stranger = practice.browser()
    page = stranger.get(f"/join/{token}")
    assert page.status_code == 200
    assert inviter.name in page.text
    assert "Nobody here has decided who is right" in " ".join(page.text.split())

    answer = come_along(stranger, token)

    assert (answer.status_code, answer.location) == (302, "/intake/more")
    with practice.app.app_context():
        couple = find_couple(inviter.person_id)
        [mika] = [one.person for one in couple.members if one.person_id != inviter.person_id]
        assert (contact_of(mika).first_name, contact_of(mika).channels) == ("Mika", ("email",))
        assert (standing_of(inviter.person_id), standing_of(mika.id)) == (Standing.JOINED, Standing.JOINED)
        draft = db.session.scalars(select(Intake).where(Intake.person_id == mika.id)).one()
        assert (draft.audience, draft.submitted_at) == ("partner", None)
    assert "You come with somebody" in stranger.get("/you").text
    assert "You come with somebody" in at_home.get("/you").text
    assert practice.breaches() == []


def test_a_minor_who_comes_along_reads_who_is_there_for_them_and_nothing_is_stored(practice, inviter, token):
    stranger = practice.browser()
    page = stranger.get(f"/join/{token}/you").text
    assert page.index("Are you 18 or older?") < page.index("What should we call you?")

    answer = come_along(stranger, token, age_18_plus="no", preferred_name="", email="")

    assert answer.location == "/intake/lines"
    with practice.app.app_context():
        assert find_couple(inviter.person_id) is None
        assert len(db.session.scalars(select(Person)).all()) == 1
    assert come_along(stranger, token, age_18_plus=None).status_code == 422
    assert come_along(stranger, token).status_code == 302  # the invitation is still good
    assert "Are you 18" in stranger.get("/intake/more-1").text


def test_until_when_an_invitation_is_good_is_said_in_the_clients_own_zone(practice, inviter):
    with practice.app.app_context(), begin_work():
        practice.person(inviter).zone = "America/Los_Angeles"
    browser = practice.browser(inviter)
    answered = browser.submit("/you/invite", {"partner_knows": "yes"})

    for form, typed in (("/invite/mail", {"email": "mika@mail.example"}), ("/invite/code", {})):
        page = browser.send_form(answered, typed, form=form)
        assert "Pacific Time" in page.text, form
        assert "Eastern Time" not in page.text, form


def test_a_letter_is_offered_only_to_who_says_that_the_other_knows(practice, at_home):
    for knows, by_mail in (("not_yet", False), ("prefer_not", False), ("yes", True), ("not_yet", False)):
        page = at_home.submit("/you/invite", {"partner_knows": knows})
        assert (page.status_code, "Send the invitation" in page.text) == (200, by_mail)
        assert "Make a code" in page.text

    with_token = at_home.submit("/you/invite", {"partner_knows": "prefer_not"})
    sent = at_home.send_form(with_token, {"email": "mika@mail.example"}, form="/invite/code")
    assert sent.status_code == 200
    token = at_home.get("/you/invite").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    refused = at_home.post("/you/invite/mail", data={"email": "mika@mail.example", "csrf_token": token})
    assert refused.status_code == 404


def test_what_was_answered_about_the_other_is_never_shown_again(practice, at_home):
    fresh = without_tokens(at_home.get("/you/invite").text)
    at_home.submit("/you/invite", {"partner_knows": "yes"})

    assert without_tokens(at_home.get("/you/invite").text) == fresh
    assert at_home.submit("/you/invite", {"partner_knows": None}).status_code == 422


def test_an_answer_that_is_missing_or_an_address_that_is_none_is_said_at_its_field(at_home):
    page = at_home.submit("/you/invite", {"partner_knows": "yes"})

    wrong = at_home.send_form(page, {"email": "nowhere"}, form="/invite/mail")

    assert wrong.status_code == 422
    assert 'value="nowhere"' in wrong.text
    assert "<title>Error: " in wrong.text


def test_a_letter_holds_the_inviters_first_name_and_nothing_else_about_anybody(practice, mailer, inviter, token):
    letter = mailer.last_to("mika@mail.example")
    assert letter.subject == "An invitation"
    assert letter.calendar is None
    assert inviter.name in letter.text
    for telling in (inviter.email, "Quiet Harbour", "therap", "couple", "partner", "Mika", inviter.reference):
        assert telling not in letter.text + letter.html + letter.subject


def test_a_code_is_shown_once_and_opens_the_same_page(practice, at_home):
    code = make_code(at_home)
    assert code not in at_home.get("/you").text

    for typed in (code, code.upper(), f" {code.replace('-', ' ')} "):
        answer = practice.browser().submit("/join", {"code": typed})
        assert (answer.status_code, answer.location[:6]) == (302, "/join/")
    assert practice.browser().get(answer.location).status_code == 200
    assert code.replace("-", "").encode() not in b"".join(row.code_hash for row in rows_of(practice) if row.code_hash)


def rows_of(practice):
    with practice.app.app_context():
        return list(db.session.scalars(select(Invitation).order_by(Invitation.id)))


@pytest.mark.parametrize("how", ["used", "run out", "taken back", "replaced"])
def test_a_code_that_is_over_is_answered_like_one_that_never_was(practice, clock, at_home, how):
    code = make_code(at_home)
    stranger = practice.browser()
    if how == "used":
        come_along(stranger, stranger.submit("/join", {"code": code}).location.removeprefix("/join/"))
    elif how == "run out":
        clock.advance(days=14, minutes=1)
    elif how == "taken back":
        at_home.submit("/you", {}, form="/withdraw")
    else:
        make_code(at_home)
    other = practice.browser()
    over, never = other.submit("/join", {"code": code}), other.submit("/join", {"code": "zzzz-9999"})

    assert (over.status_code, never.status_code) == (422, 422)
    assert without_tokens(over.text).replace(code, "") == without_tokens(never.text).replace("zzzz-9999", "")


def test_wrong_codes_are_few(practice, at_home):
    code = make_code(at_home)
    stranger = practice.browser()
    for _ in range(10):
        assert stranger.submit("/join", {"code": "abcd-2345"}).status_code == 422

    token = stranger.get("/join").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert stranger.post("/join", data={"code": code, "csrf_token": token}).status_code == 429


def test_looking_at_an_invitation_changes_nothing(practice, at_home, token):
    before = own_page(at_home)
    scanner = practice.browser()
    for path in (f"/join/{token}", f"/join/{token}/you", "/join"):
        for method in ("get", "head"):
            assert getattr(scanner, method)(path).status_code == 200

    assert own_page(at_home) == before
    assert [(row.declined_at, row.joined_at) for row in rows_of(practice)] == [(None, None)]
    assert come_along(scanner, token).status_code == 302


@pytest.mark.parametrize("how", ["used", "run out", "taken back", "replaced", "inviter came with somebody else"])
def test_a_link_that_is_over_says_nothing_of_why(practice, mailer, clock, inviter, at_home, token, how):
    other = practice.browser()
    if how == "used":
        come_along(practice.browser(), token)
    elif how == "run out":
        clock.advance(days=14, minutes=1)
    elif how == "taken back":
        at_home.submit("/you", {}, form="/withdraw")
    elif how == "replaced":
        invite_by_mail(at_home)
    else:
        practice_couple(practice, inviter=inviter)
    texts = set()
    for path in (f"/join/{token}", f"/join/{token}/you"):
        answer = other.get(path)
        assert answer.status_code == 410
        assert inviter.name not in answer.text
        texts.add(answer.text.replace(f"{path}?lang=", "?lang="))  # the link to this very page in Spanish
    assert len(texts) == 1
    assert "This invitation doesn’t work any more" in texts.pop()
    count = people(practice)
    csrf = other.get("/join").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    for path in ("you", "decline", "new", "self"):
        assert other.post(f"/join/{token}/{path}", data={"csrf_token": csrf}).status_code == 410
    assert people(practice) == count


def test_a_link_for_something_else_opens_no_invitation_and_an_invitation_opens_nothing_else(practice, inviter, token):
    with practice.app.app_context(), begin_work() as work:
        back = make_link(work, practice.person(inviter), "return")
    stranger = practice.browser()

    assert stranger.get(f"/join/{back}").status_code == 404
    assert stranger.get("/join/anything").status_code == 404
    assert stranger.get(f"/return/{token}").status_code == 404


def test_declining_is_silent_even_for_who_reads_the_others_mail(practice, mailer, at_home, inviter, token):
    before, letters = own_page(at_home), len(mailer.sent)
    welcome = without_tokens(practice.browser().get(f"/join/{token}").text)

    answer = practice.browser().submit(f"/join/{token}", {}, form="/decline")
    practice.work_until_idle()

    assert answer.status_code == 302
    assert own_page(at_home) == before
    assert len(mailer.sent) == letters
    assert without_tokens(practice.browser().get(f"/join/{token}").text) == welcome
    assert standing(practice, inviter) is Standing.DECLINED
    assert practice.breaches() == []


def test_declining_ignoring_and_running_out_leave_the_inviter_the_same_page(practice, clock, inviter, at_home, token):
    ignoring = client_for_two(practice)
    ignored = practice.browser(ignoring)
    invite_by_mail(ignored, "lee@mail.example")
    practice.browser().submit(f"/join/{token}", {}, form="/decline")
    assert own_page(ignored) == own_page(at_home)

    clock.advance(days=15)
    practice.work_until_idle()
    assert own_page(ignored) == own_page(at_home)
    assert standing(practice, inviter) is standing(practice, ignoring) is Standing.NOBODY


def test_who_declined_can_change_their_mind(practice, inviter, token):
    stranger = practice.browser()
    stranger.submit(f"/join/{token}", {}, form="/decline")

    assert come_along(stranger, token).status_code == 302
    assert standing(practice, inviter) is Standing.JOINED


def test_no_more_than_three_letters_are_sent_within_two_weeks(practice, mailer, clock, at_home):
    for _ in range(3):
        invite_by_mail(at_home)
    page = at_home.submit("/you/invite", {"partner_knows": "yes"})
    assert at_home.send_form(page, {"email": "mika@mail.example"}, form="/invite/mail").status_code == 422
    practice.work_until_idle()
    assert len(mailer.letters_to("mika@mail.example")) == 1  # what was replaced before it was sent isn't sent

    clock.advance(days=14, minutes=1)
    at_home = practice.browser(client_for_two(practice))
    invite_by_mail(at_home)


def test_in_the_inviters_own_browser_somebody_else_goes_on_and_the_inviters_pages_are_closed(
    practice, at_home, inviter, token
):
    page = at_home.get(f"/join/{token}/you")
    assert "pages are open in this browser already" in page.text
    assert inviter.name not in page.text  # whoever holds it may be somebody else
    assert '<a href="/you">To your page</a>' in page.text
    assert 'type="password"' not in page.text  # the inviter can't be the invited

    at_home.send_form(page, {}, form="/new")
    assert at_home.get("/you").status_code == 404
    assert come_along(at_home, token).status_code == 302

    assert at_home.get("/you").status_code == 200
    with practice.app.app_context():
        assert len(find_couple(inviter.person_id).members) == 2


def test_who_has_been_here_joins_as_themselves_after_their_code(practice, token, inviter):
    known = practice.new_client()
    set_code(practice, known)
    browser = practice.browser(known)
    count = people(practice)
    page = browser.get(f"/join/{token}/you")

    assert browser.send_form(page, {"code": "not this one"}, form="/self").status_code == 422
    assert browser.send_form(page, {"code": THEIR_CODE}, form="/self").status_code == 302

    assert people(practice) == count
    with practice.app.app_context():
        assert find_couple(known.person_id).reference == find_couple(inviter.person_id).reference


def test_another_language_is_no_code(practice, token):
    known = practice.new_client()
    set_code(practice, known)
    browser = practice.browser(known)
    page = browser.get(f"/join/{token}/you")

    answer = browser.send_form(page, {"code": "", "only_language": "es"}, form="/self")

    assert answer.status_code == 200
    with practice.app.app_context():
        assert find_couple(known.person_id) is None


def test_who_only_began_is_not_told_that_there_is_nothing_to_do(practice, token):
    began = practice.new_client()  # no code yet
    page = practice.browser(began).get(f"/join/{token}/you").text

    assert "Close those pages, and join" in page
    assert "To your page" not in page


def test_who_comes_with_somebody_already_is_told_so_kindly(practice, token):
    pair = practice_couple(practice)
    set_code(practice, pair.invited)
    browser = practice.browser(pair.invited)

    answer = browser.send_form(browser.get(f"/join/{token}/you"), {"code": THEIR_CODE}, form="/self")

    assert answer.status_code == 409
    assert "we sort it out with you in person" in answer.text
    assert practice.breaches() == []


def test_one_address_may_be_both_peoples_and_each_comes_back_to_their_own(practice, mailer, clock, inviter, at_home):
    invite_by_mail(at_home, inviter.email)
    token = token_in_mail(practice, mailer, inviter.email)
    other = practice.browser()
    come_along(other, token, email=inviter.email)
    set_code(practice, inviter, "quince street")
    mailer.sent.clear()

    practice.browser().submit("/schedule", {"email": inviter.email}, form="/intake/link")
    practice.work_until_idle()

    both = mailer.letters_to(inviter.email)
    assert len(both) == 2
    assert {letter.subject for letter in both} == {"Your appointment request"}
    tokens = [letter.text.split("/return/")[1].split()[0] for letter in both]
    assert len({letter.text.replace(token, "") for letter, token in zip(both, tokens, strict=True)}) == 1
    opened = []
    for one in tokens:
        for code, name in ((THEIR_CODE, "Mika"), ("quince street", inviter.name)):
            browser = practice.browser()
            if browser.submit(f"/return/{one}", {"code": code}).status_code == 302:
                opened.append(name)
                break
    assert sorted(opened) == sorted(["Mika", inviter.name])
    assert inviter.name not in "".join(letter.text + letter.subject for letter in both)


def test_coming_alone_ends_what_was_open_and_says_so_in_the_intake(practice, inviter, at_home, token):
    at_home.submit("/you", {}, form="/alone")

    assert "You come on your own" in at_home.get("/you").text
    assert practice.browser().get(f"/join/{token}").status_code == 410
    with practice.app.app_context():
        from practice.booking.queries import find_eligibility
        from practice.intake.queries import codes_of, find_submitted

        person = practice.person(inviter)
        assert codes_of(find_submitted(person))["attending"] == "individual"
        assert find_eligibility(person).attendance == ["individual"]
    at_home.submit("/you", {}, form="/together")
    assert "Ask somebody along" in at_home.get("/you").text
    assert practice.breaches() == []


def test_an_address_goes_thirty_days_after_its_invitation_has_run_out(practice, clock, inviter, token):
    practice.confirm(practice.hold(MONDAY_NINE, inviter))  # else they would be forgotten themselves by then
    for days, kept in ((43, True), (2, False)):
        clock.advance(days=days)
        practice.work_until_idle()
        assert [row.address_sealed is not None for row in rows_of(practice)] == [kept]
    assert [one for one in practice.breaches() if not one.startswith(("I2", "I3"))] == []
