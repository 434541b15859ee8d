"""The forms that other pages build from the questionnaire: the payment moment, and every kind of field."""

from __future__ import annotations

import pytest

from practice.intake.documents import current_questionnaire
from practice.intake.forms import CodeAsked, moment_form, page_form
from practice.intake.questions import MOMENTS, Page

pytestmark = pytest.mark.databases("sqlite")
GOOD = {"legal_name": "Robin Doe", "date_of_birth": "1985-03-31", "insurance_use": "no"}


@pytest.fixture
def posted(practice):
    """Makes the form of a moment as if this had been sent; the token is the web's concern."""

    def make(moment, sent, before=None):
        practice.app.config["WTF_CSRF_ENABLED"] = False
        context = practice.app.test_request_context("/", method="POST", data=sent)
        context.push()
        contexts.append(context)
        return moment_form(moment, before or {})

    contexts = []
    yield make
    for context in reversed(contexts):
        context.pop()


def test_the_payment_moment_asks_three_things(posted):
    form = posted("pay", GOOD)
    assert [field.name for field in form.asked] == ["legal_name", "date_of_birth", "insurance_use"]
    assert form.validate()
    assert form.answers() == GOOD


@pytest.mark.parametrize(
    ("field", "sent", "says"),
    [
        ("legal_name", "", "full name"),
        ("legal_name", "\x07", "can’t be shown"),
        ("legal_name", "x" * 121, "120 characters at most"),
        ("date_of_birth", "", "Write your date of birth"),
        ("date_of_birth", "31 March 1985", "year, month and day"),
        ("date_of_birth", "1985-02-30", "year, month and day"),
        ("date_of_birth", "2027-05-06", "year can’t be right"),
        ("date_of_birth", "1899-12-31", "year can’t be right"),
        ("date_of_birth", "0001-01-01", "year can’t be right"),
        ("date_of_birth", "2009-05-06", "under 18"),
        ("insurance_use", "", "Choose an answer"),
        ("insurance_use", "maybe", "one of the answers on the page"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_once(posted, field, sent, says):
    form = posted("pay", {**GOOD, field: sent})
    assert not form.validate()
    assert list(form.errors) == [field]
    assert len(form.errors[field]) == 1
    assert says in form.errors[field][0]


def test_somebody_who_is_18_today_may_come(posted):
    assert posted("pay", {**GOOD, "date_of_birth": "2009-05-05"}).validate()  # the clock stands at 2027-05-05


def test_a_birthday_is_judged_where_the_practice_is(posted, clock):
    clock.advance(hours=14)  # 10 pm in New York, the 6th in UTC
    assert not posted("pay", {**GOOD, "date_of_birth": "2009-05-06"}).validate()


def test_what_was_answered_before_is_shown_unless_it_is_private(practice):
    before = {"preferred_name": "Robin", "others_see_messages": "yes", "contact_ok": ("email",), "age_18_plus": "yes"}
    with practice.app.test_request_context("/"):
        form = moment_form("book", before)
        assert form.preferred_name.data == "Robin"
        assert form.contact_ok.data == ["email"]
        assert form.others_see_messages.data is None


@pytest.mark.parametrize("moment", MOMENTS)
def test_every_kind_of_question_becomes_a_field(practice, moment):
    with practice.app.test_request_context("/"):
        form = moment_form(moment, {"breach_types": ("lying_omission", "money_hidden")})
        for field in form.asked:
            assert str(form[field.name].label.text) == field.question
            assert form[field.name]()


def test_the_options_that_build_on_an_answer_are_those_chosen(posted):
    sent = {"breach_main": "money_hidden"}
    form = posted("session", sent, {"breach_types": ("lying_omission", "promises_broken")})
    form.validate()
    assert "one of the answers" in form.errors["breach_main"][0]


def test_no_more_goals_are_taken_than_asked_for(posted):
    form = posted("session", {"goals_concrete": ["honest_talk", "closeness", "coparent", "part_kindly"]})
    form.validate()
    assert form.errors["goals_concrete"] == ["Choose 3 at most."]


def test_lines_may_break_where_there_are_lines_and_only_there(posted):
    form = posted("session", {"breach_story": "One.\r\nTwo.", "pronouns": "they\nthem"})
    form.validate()
    assert "breach_story" not in form.errors
    assert "can’t be shown" in form.errors["pronouns"][0]


def test_a_number_out_of_ten_is_a_choice(posted):
    form = posted("session", {"trust_now": "11"})
    form.validate()
    assert "one of the answers" in form.errors["trust_now"][0]
    form = posted("session", {"trust_now": "10"})
    form.validate()
    assert "trust_now" not in form.errors


def test_a_code_is_asked_for_only_where_the_address_is(practice):
    questionnaire = current_questionnaire()
    with practice.app.test_request_context("/"):
        for page in questionnaire.pages("book"):
            form = page_form(questionnaire, page, {}, CodeAsked.FIRST)
            assert ("code" in form) is (page.section.id == "about_you")


def test_fields_stand_in_the_order_of_the_questionnaire_and_the_code_after_the_address(practice):
    questionnaire = current_questionnaire()
    page: Page = questionnaire.pages("book")[1]
    with practice.app.test_request_context("/"):
        names = [field.name for field in page_form(questionnaire, page, {}, CodeAsked.FIRST)]
    asked = [name for name in names if name != "csrf_token"]
    assert asked[:4] == ["preferred_name", "email", "code", "code_again"]
    assert asked[4:] == ["contact_ok", "phone", "others_see_messages", "safe_contact_note"]
