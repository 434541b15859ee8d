"""Forms about somebody's own data. They check shape."""

from __future__ import annotations

import unicodedata

from wtforms import BooleanField, HiddenField, PasswordField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import AnyOf, InputRequired, Length

from practice.forms import PostedForm
from practice.intake.checks import Answered, PlainText
from practice.speaking import lazy_gettext as _l

LONGEST_CODE = 128  # hashing is slow on purpose; nobody may make it slower
LONGEST_REASON = 2000
PAGE, JSON = "page", "json"
TOO_LONG = _l("Keep it to %(longest)s characters.", longest=LONGEST_REASON)


SHORT = Length(max=LONGEST_REASON, message=TOO_LONG)


def _tidy(typed: str | None) -> str:
    return (typed or "").strip()


def tidy_code(typed: str | None) -> str:
    """A code as it is compared: the way in which a keyboard writes a letter makes no difference."""
    return unicodedata.normalize("NFKC", (typed or "").strip())


class CodeForm(PostedForm):
    """Their code once more: whoever sits at this browser now may be somebody else."""

    code = PasswordField(
        _l("Your code"),
        description=_l("The one that you chose when you gave us your email address."),
        filters=[tidy_code],
        validators=[Answered(_l("Type the code that you chose.")), Length(max=LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )


class ExportForm(CodeForm):
    """In which form they want it."""

    kind = RadioField(
        _l("How do you want it?"),
        choices=[
            SelectChoice(PAGE, _l("As a page, to read or print")),
            SelectChoice(JSON, _l("As a file for a program (JSON)")),
        ],
        default=PAGE,
    )


class DeskExportForm(PostedForm):
    """The same for staff, and for whom."""

    kind = HiddenField(validators=[AnyOf((PAGE, JSON))])
    scope = HiddenField(validators=[AnyOf(("sent", "whole"))])


class ReasonForm(PostedForm):
    """Why somebody's data must stay."""

    reason = TextAreaField(
        _l("Why it must stay"),
        filters=[_tidy],
        validators=[
            Answered(_l("Write why, for whoever decides later.")),
            SHORT,
            PlainText(lines=True),
        ],
        render_kw={"rows": 3},
    )


class AnswerForm(PostedForm):
    """Why somebody is not erased, in words that they read."""

    request = HiddenField(validators=[Length(max=20)])
    answer = TextAreaField(
        _l("What they read"),
        description=_l("They see these words on their own page."),
        filters=[_tidy],
        validators=[Answered(_l("Write what they should read.")), SHORT, PlainText(lines=True)],
        render_kw={"rows": 3},
    )


class EraseForm(PostedForm):
    """That somebody means it. `request` is what it answers, or empty."""

    request = HiddenField(validators=[Length(max=20)])
    sure = BooleanField(
        _l("I have checked who asked, and that nothing else must stay"),
        validators=[InputRequired(_l("Tick this to say that you have checked."))],
    )


class PlainForm(PostedForm):
    """A button."""
