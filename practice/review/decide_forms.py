"""The shape of what a reviewer, or a client about their own request, sends."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from practice.intake.checks import MayBeEmpty, PhoneNumber, PlainText
from practice.own_word_forms import in_each_language
from practice.review.forms import DecisionForm, DeclineForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

LONGEST_QUESTION = 1000
LONGEST_ANSWER = 4000
TICKS: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=_l("%(most)s characters at most.", most=characters))


def _tidy(typed: str | None) -> str:
    return (typed or "").strip().replace("\r\n", "\n")


class AskForm(DecisionForm):
    """What a client is asked: questions of their intake, and one in own words."""

    fields: Any = SelectMultipleField(_l("Questions to answer again, or for the first time"), **TICKS)
    question = TextAreaField(
        _l("A question of your own"),
        filters=[_tidy],
        validators=[
            MayBeEmpty(),
            Length(
                max=LONGEST_QUESTION, message=_l("A question takes %(most)s characters at most.", most=LONGEST_QUESTION)
            ),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_QUESTION, "rows": 4, "autocomplete": "off"},
    )


class CallForm(DecisionForm):
    """How a call by themselves comes about."""

    way = RadioField(_l("How it comes about"), validators=[InputRequired(_l("Choose how the call comes about."))])


class AcceptForForm(DecisionForm):
    """With whom, and what, somebody may book."""

    therapists: Any = SelectMultipleField(
        _l("With"), coerce=int, validators=[DataRequired(_l("Choose at least one therapist."))], **TICKS
    )
    offerings: Any = SelectMultipleField(
        _l("What they can book"), coerce=int, validators=[DataRequired(_l("Choose at least one offering."))], **TICKS
    )


class ReferForm(DeclineForm):
    """Who is named instead, and which bookings the reviewer was told would end."""

    referrals: Any = SelectMultipleField(
        _l("Whom you name"), validators=[DataRequired(_l("Choose at least one from the list."))], **TICKS
    )


class WithdrawForm(DecisionForm):
    """A request that is taken back, and on which terms the page said that bookings end."""

    ending = HiddenField(validators=[Length(max=4000)])


class OwnAnswerForm(DecisionForm):
    """What a client answers to the practice's own question, where there is one."""

    answer = TextAreaField(
        _l("Your answer"),
        filters=[_tidy],
        validators=[
            DataRequired(_l("Write an answer. “I’d rather not say” is one too.")),
            Length(max=LONGEST_ANSWER, message=_l("An answer takes %(most)s characters at most.", most=LONGEST_ANSWER)),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_ANSWER, "rows": 6, "autocomplete": "off"},
    )


@in_each_language("what_for", "place")
class ReferralForm(DecisionForm):
    """Somewhere else that the practice sends people to."""

    seen = HiddenField(validators=[Length(max=9)])  # the revision that was read; empty for a new one
    name = StringField(
        _l("Name"),
        filters=[_tidy],
        validators=[DataRequired(_l("Write a name.")), _at_most(120), PlainText()],
    )
    what_for = StringField(
        _l("What for"),
        filters=[_tidy],
        validators=[
            DataRequired(_l("Say what for, in a few words.")),
            _at_most(300),
            PlainText(),
        ],
    )
    place = StringField(
        _l("Where"),
        filters=[_tidy],
        validators=[
            DataRequired(_l("Say where, or “by video”.")),
            _at_most(120),
            PlainText(),
        ],
    )
    phone = StringField(_l("Phone"), filters=[_tidy], validators=[MayBeEmpty(), Length(max=40), PhoneNumber()])
    web = StringField(
        _l("Website"),
        description=_l("With https:// in front."),
        filters=[_tidy],
        validators=[MayBeEmpty(), _at_most(200), PlainText()],
    )

    def validate_web(self, field: StringField) -> None:
        if not (field.data or "").startswith(("https://", "http://")):
            raise ValidationError(_("Write the whole address, with https:// in front."))

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides each field: they must be reachable."""
        valid = bool(super().validate(extra_validators))
        if not self.phone.data and not self.web.data:
            self.phone.errors = [_("Write a phone number or a website, so that they can be reached.")]
            return False
        return valid
