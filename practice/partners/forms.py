"""Forms of inviting, joining and pausing. They check shape; the questions about somebody are the intake's own."""

from __future__ import annotations

from dataclasses import replace

from wtforms import EmailField, StringField, TextAreaField

from practice.forms import PostedForm
from practice.intake import checks
from practice.intake.documents import current_questionnaire
from practice.intake.forms import CodeAsked, QuestionForm, page_form
from practice.intake.questions import Page
from practice.intake.steps import BOOK
from practice.speaking import lazy_gettext as _l

LONGEST_REASON = 1500
AGE = "age_18_plus"


def _tidy(typed: str | None) -> str:
    return (typed or "").strip()


class MailForm(PostedForm):
    """Where an invitation goes."""

    email = EmailField(
        _l("Their email address"),
        description=_l(
            "One letter goes there. It says your first name and nothing else about you. The address that you use "
            "yourself is fine too, if you share it."
        ),
        filters=[_tidy],
        validators=[
            checks.Answered(_l("Write the address that it goes to.")),
            checks.AtMost(254),
            checks.MailAddress(),
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class CodeForm(PostedForm):
    """A code that somebody was given."""

    code = StringField(
        _l("The code that you were given"),
        description=_l("Eight letters and digits, as in abcd-2345."),
        filters=[lambda typed: _tidy(typed).lower()],
        validators=[
            checks.Answered(_l("Type the code that you were given.")),
            checks.AtMost(20),
            checks.PlainText(lines=False),
        ],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"},
    )


class PauseForm(PostedForm):
    """Why somebody pauses, if they like to say."""

    reason = TextAreaField(
        _l("Is there something that a clinician should know?"),
        description=_l("Only clinicians of this practice read it. You need not say anything."),
        filters=[_tidy],
        validators=[checks.MayBeEmpty(), checks.AtMost(LONGEST_REASON), checks.PlainText(lines=True)],
        render_kw={"autocomplete": "off", "rows": 4},
    )


def arrival_pages() -> tuple[Page, ...]:
    """What is asked before anything of somebody is stored, as parts of the questionnaire's pages: whether they are of
    age, what to call them, and how to reach them.
    """
    pages = current_questionnaire().pages(BOOK)
    reach = next(page for page in pages if any(field.kind == "email" for field in page.fields))
    start = next(page for page in pages if any(field.name == AGE for field in page.fields))
    return (replace(start, fields=tuple(field for field in start.fields if field.name == AGE)), reach)


def arrival_form() -> QuestionForm:
    """One form of these pages, with a code to choose."""
    start, reach = arrival_pages()
    return page_form(current_questionnaire(), replace(reach, fields=start.fields + reach.fields), {}, CodeAsked.FIRST)
