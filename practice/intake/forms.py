"""Forms, built from the questionnaire. They check shape; what the answers mean is decided elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, ClassVar

from flask import request
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.widgets import CheckboxInput, ListWidget, PasswordInput

from practice.forms import NamedError, PostedForm
from practice.intake import checks
from practice.intake.documents import current_questionnaire
from practice.intake.questions import TICKED, Answer, Answers, Field, Page, Questionnaire
from practice.people import SHORTEST_CODE
from practice.regions import groups_in
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

LINE_BREAK = re.compile(r"\s*[\r\n]\s*")
WRAPS = 200  # characters from which on an answer in one line is written in a box of two rows

LONGEST_CODE = 128  # hashing is slow on purpose; nobody may make it slower
TEXT_FIELDS: dict[str, type[StringField]] = {
    "text": StringField,
    "textarea": TextAreaField,
    "email": EmailField,
    "tel": TelField,
}


def tidy(typed: str | None) -> str:
    """What was typed, without blanks around it."""
    return (typed or "").strip()


def tidy_lines(typed: str | None) -> str:
    """Text in several lines, each break one character."""
    # A browser sends a line break as two characters; whoever counts to the limit has typed one.
    return tidy(typed).replace("\r\n", "\n")


def one_line(typed: str) -> str:
    """The same in one line: a box of two rows takes line breaks, and the answer has none."""
    return LINE_BREAK.sub(" ", typed)


def tidy_code(typed: str | None) -> str:
    """A code as it is compared: whatever the keyboard made of it, and no blanks around it."""
    # The same letters can arrive composed or not, by the keyboard in use; a code must fit from every one of them.
    return unicodedata.normalize("NFKC", (typed or "").strip())


class CodeAsked(Enum):
    """Whether a page that asks how somebody is reached asks for an access code too."""

    FIRST = "first"  # there is none yet
    AGAIN = "again"  # theirs may be replaced: so far it guards nothing but what this browser shows anyway
    SETTLED = "settled"  # it guards more by now; code and address are changed with the code, on their own page


class QuestionForm(PostedForm):
    """The form of some fields of a questionnaire; page_form() and moment_form() make its subclasses."""

    reach_is_settled = False  # how somebody is reached was said before, and isn't asked again; see CodeAsked.SETTLED
    questionnaire: ClassVar[Questionnaire]
    asked: ClassVar[tuple[Field, ...]]

    def __init__(self, before: Answers) -> None:
        self.before = before
        # An answer that is never shown again stays as it was when its question is left empty this time.
        self.kept = {field.name for field in self.asked if field.write_only and before.get(field.name)}
        posted = request.form if request.method == "POST" else None
        super().__init__(formdata=posted, data={} if posted is not None else self._prefilled())
        for field in self.asked:
            if field.options_from is not None:
                options = self.questionnaire.choices(field, before)
                self[field.name].choices = [SelectChoice(option.code, option.label) for option in options]

    @property
    def comes_again(self) -> bool:
        """Whether the page was saved before. Never of one question alone: whether that was asked may be private."""
        return any(field.name in self.before for field in self.asked)

    def _prefilled(self) -> dict[str, Any]:
        shown = {field.name: self.before[field.name] for field in self.asked if field.name in self.before}
        return {
            field.name: _to_data(field, shown[field.name])
            for field in self.asked
            if field.name in shown and not field.write_only
        }

    def answers(self) -> dict[str, Answer]:
        """The answers to the fields that they call for; what was typed elsewhere is left out. After validation."""
        said = {field.name: _from_data(field, self[field.name].data) for field in self.asked}
        said |= {name: self.before[name] for name in self.kept if not said[name]}
        shown = self.questionnaire.shown({**self.before, **said})
        return {name: answer for name, answer in said.items() if name in shown}

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields that the answers call for."""
        called_for = self.answers()
        for field in self.asked:
            if field.name not in called_for:
                self[field.name].validators = (checks.NotAsked(),)
            elif field.name in self.kept:
                self[field.name].validators = (checks.MayBeEmpty(), *self[field.name].validators)
        return bool(super().validate(extra_validators))


class CodeForm(Form):
    """What a form adds that asks for an e-mail address: the access code. Once chosen, leaving it empty keeps it."""

    code_required = True

    def validate_code(self, field: PasswordField) -> None:
        code = field.data or ""
        if not code and not self.code_required:
            return
        if len(code) < SHORTEST_CODE:
            raise ValidationError(_("Choose a code of at least %(shortest)s characters.", shortest=SHORTEST_CODE))
        if len(code) > LONGEST_CODE:
            raise ValidationError(_("Choose a code of %(longest)s characters at most.", longest=LONGEST_CODE))

    def validate_code_again(self, field: PasswordField) -> None:
        if (field.data or "") != (self["code"].data or ""):
            raise ValidationError(_("The two codes differ. Type the same code twice."))


class PlaceWishForm(PostedForm):
    """Who wants to hear when somebody is licensed where they will be."""

    first_name = StringField(
        _l("Your first name, or what we should call you"),
        filters=[tidy],
        validators=[checks.Answered(_l("Write what we should call you.")), checks.AtMost(80)],
        render_kw={"autocomplete": "given-name"},
    )
    email = EmailField(
        _l("Your email address"),
        filters=[tidy],
        validators=[checks.Answered(_l("Write your email address.")), checks.AtMost(254), checks.MailAddress()],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
    region = SelectField(_l("Where you will be during sessions"), validators=[checks.Answered(_l("Choose a place."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region.choices = _places()


class PlainForm(PostedForm):
    """Nothing to type: the button is all."""


def page_form(
    questionnaire: Questionnaire, page: Page, before: Answers, code: CodeAsked, settled: Answers | None = None
) -> QuestionForm:
    """The form of one page; `before` are all answers so far. On a POST it holds what was sent, else what was saved.

    `settled` is what the page would ask of how somebody is reached, and doesn't any more (queries.settled_reach()).
    """
    settled = settled or {}
    before = {**before, **settled}
    reach = any(field.kind == "email" for field in questionnaire.askable(page, before))
    left = tuple(field for field in page.fields if field.name not in settled)
    asked = questionnaire.askable(replace(page, fields=left), before)
    form = _form_class(questionnaire, asked, with_code=reach and code is not CodeAsked.SETTLED)(before)
    form.reach_is_settled = reach and code is CodeAsked.SETTLED
    if reach and not form.reach_is_settled:
        first = code is CodeAsked.FIRST
        form.code_required = first
        form["code"].flags.required = first
        form["code_again"].flags.required = first
    return form


def choose_code_form() -> PostedForm:
    """The first code of somebody whom the practice entered: the same two fields as beside an e-mail address."""
    form = _choose_code_class(current_language())()
    form["code"].flags.required = form["code_again"].flags.required = True
    return form


def questions_form(questionnaire: Questionnaire, before: Answers) -> QuestionForm:
    """The form of a whole questionnaire as one page; `before` are all answers so far."""
    return _form_class(questionnaire, tuple(questionnaire.fields()), with_code=False)(before)


def moment_form(moment: str, before: Answers, questionnaire: Questionnaire | None = None) -> QuestionForm:
    """The form of everything that is asked at one moment, as one page; `before` are all answers so far.

    `questionnaire` is that of the intake to which the answers are added; without it, the current one.
    """
    questionnaire = questionnaire or current_questionnaire()
    return asked_form(questionnaire, tuple(one for one in questionnaire.fields() if one.moment == moment), before)


def asked_form(questionnaire: Questionnaire, asked: tuple[Field, ...], before: Answers) -> QuestionForm:
    """The form of these questions; `before` are all answers so far."""
    return _form_class(questionnaire, asked, with_code=False)(before)


@lru_cache(maxsize=128)
def _form_class(questionnaire: Questionnaire, asked: tuple[Field, ...], *, with_code: bool) -> type[QuestionForm]:
    inputs: dict[str, Any] = {}
    for field in asked:  # WTForms keeps the order in which the fields are made
        inputs[field.name] = _input(questionnaire, field)
        if with_code and field.kind == "email":
            inputs |= _code_inputs()
    bases = (QuestionForm, CodeForm) if with_code else (QuestionForm,)
    return type("AskedForm", bases, {"questionnaire": questionnaire, "asked": asked, **inputs})


@lru_cache(maxsize=4)
def _choose_code_class(_language: str) -> type[PostedForm]:
    # The page says what the code is for, so that its field needs but its own rule.
    said: dict[str, Any] = {
        "label": _("Your code"),
        "description": _("At least %(shortest)s characters. Keep it where only you look.", shortest=SHORTEST_CODE),
    }
    return type("ChooseCodeForm", (CodeForm, PostedForm), _code_inputs(said))


def _code_inputs(first: dict[str, Any] | None = None) -> dict[str, Any]:
    """Both fields of a code; `first` is what the first one says of itself, where that isn't the usual."""
    common: dict[str, Any] = {
        "filters": [tidy_code],
        "widget": PasswordInput(hide_value=False),  # shown again after an error, so that nothing typed is lost
        "render_kw": {"autocomplete": "new-password", "spellcheck": "false"},
    }
    why = _(
        "At least %(shortest)s characters. You need this code to open your pages from a mail, so that nobody else who "
        "reads your mail can. Keep it where only you look.",
        shortest=SHORTEST_CODE,
    )
    first = first or {"label": _("Choose a code of your own"), "description": why}
    return {
        "code": PasswordField(**first, **common),
        "code_again": PasswordField(_("The same code once more"), **common),
    }


def _input(questionnaire: Questionnaire, field: Field) -> Any:
    common: dict[str, Any] = {"label": field.question, "description": _hint(field), "validators": _validators(field)}
    wrong: dict[str, Any] = {
        "invalid_choice_message": _("“%(question)s”: choose one of the answers on the page.", question=field.question)
    }
    unread: dict[str, Any] = {"invalid_value_message": _("Write the date as year, month and day: 1985-03-31.")}
    options = [SelectChoice(option.code, option.label) for option in questionnaire.choices(field, {})]
    match field.kind:
        case "checkbox":
            return BooleanField(**common)
        case "radio" | "radio_from" | "zero_to_ten":
            return RadioField(choices=options, **common, **wrong)
        case "checkboxes":
            ticks: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
            return SelectMultipleField(choices=options, **common, **wrong, **ticks)
        case "region":
            return SelectField(choices=_places(), **common, **wrong)
        case "date":
            return DateField(render_kw={"autocomplete": field.autocomplete}, **common, **unread)
        case _:
            drawn: dict[str, Any] = {"autocomplete": field.autocomplete}
            if _says_limit(field):
                drawn["data-longest"] = str(field.longest)
            if field.kind == "text" and _says_limit(field) and field.longest >= WRAPS:
                return TextAreaField(filters=[tidy, one_line], render_kw=drawn | {"rows": 2}, **common)
            clean = tidy_lines if field.kind == "textarea" else tidy
            return TEXT_FIELDS[field.kind](filters=[clean], render_kw=drawn, **common)


def _says_limit(field: Field) -> bool:
    """Whether somebody might write so much that they should know the limit: in free text, not in a name."""
    return field.kind in {"text", "textarea"} and field.autocomplete == "off"


def _hint(field: Field) -> str:
    limit = _("Up to %(longest)s characters.", longest=f"{field.longest:,}") if _says_limit(field) else ""
    return f"{field.hint} {limit}".strip()


def _validators(field: Field) -> list[Any]:
    missing = field.missing or NamedError(
        _("Choose an answer to “%(question)s”", question=field.question), _("Choose an answer.")
    )
    found: list[Any] = [checks.Answered(missing) if field.required else checks.MayBeEmpty()]
    if field.kind in TEXT_FIELDS:
        found += [checks.AtMost(field.longest), checks.PlainText(lines=field.kind == "textarea")]
    if field.most is not None:
        found.append(checks.ChooseAtMost(field.most))
    if field.alone:
        found.append(checks.StandsAlone({one.code: one.label for one in field.options if one.code in field.alone}))
    special: dict[str, Any] = {
        "email": checks.MailAddress(),
        "tel": checks.PhoneNumber(),
        "date": checks.BornAdult(),
    }
    return [*found, special[field.kind]] if field.kind in special else found


def _places() -> list[Any]:
    found = [SelectChoice("", _("Choose a place"))]
    for group, names in groups_in(current_language()).items():
        found += [SelectChoice(code, name, optgroup=group) for code, name in names.items()]
    return found


def _to_data(field: Field, answer: Answer) -> Any:
    if field.kind == "checkbox":
        return answer == TICKED
    if field.kind == "date":
        return date.fromisoformat(str(answer)) if answer else None
    return list(answer) if field.multiple else str(answer)


def _from_data(field: Field, data: Any) -> Answer:
    if field.multiple:
        given: Sequence[str] = data or ()
        return tuple(dict.fromkeys(given))
    if field.kind == "checkbox":
        return TICKED if data else ""
    if field.kind == "date":
        return data.isoformat() if data else ""
    return str(data or "")
