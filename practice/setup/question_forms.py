"""The shape of what the owner sends about the questionnaire. What fits, intake/tailoring.py says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from practice.forms import PostedForm
from practice.intake.changes import answer_code
from practice.intake.instrument_files import MOST_BYTES, TOO_LARGE
from practice.intake.own_questions import CHOSEN
from practice.intake.protected import CLOSED_SECTIONS
from practice.intake.tailoring import fields_of, options_of
from practice.intake.translating import reworded
from practice.intake.wording import Problem
from practice.languages import N_
from practice.setup.forms import SeenForm
from practice.speaking import current_language, spoken
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

MOMENTS = {
    "book": _l("Before a time is chosen"),
    "pay": _l("With the payment"),
    "invite": _l("When inviting a partner"),
    "session": _l("Before the first session"),
}
MOMENTS_INSIDE = {
    "book": N_("before a time is chosen"),
    "pay": N_("with the payment"),
    "invite": N_("when inviting a partner"),
    "session": N_("before the first session"),
}
"""The same inside a sentence."""
KINDS = {
    "text": _l("A line of text"),
    "textarea": _l("Several lines of text"),
    "radio": _l("One answer of several"),
    "checkboxes": _l("Any of several answers"),
    "zero_to_ten": _l("A number from 0 to 10"),
}
OTHER_KINDS = {
    "checkbox": _l("A box to tick"),
    "radio_from": _l("One of what was chosen before"),
    "region": _l("A place"),
    "email": _l("An email address"),
    "tel": _l("A phone number"),
    "date": _l("A date"),
}
WHO = {"both": _l("Each partner, privately"), "booker": _l("The person who books")}
VISIBILITIES = {
    "own": _l("Clinicians; whoever answered sees it again"),
    "admin": _l("The front desk too"),
    "clin": _l("Clinicians alone; it isn’t shown again to whoever answered"),
}
CHOSEN_HOW = {"any_of": _l("that answer was chosen"), "none_of": _l("another answer was chosen")}
MOST_ANSWERS = 30
SPANISH = "es"
IN_ENGLISH, IN_SPANISH = {"lang": "en"}, {"lang": SPANISH}


def _choices(words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(code, said) for code, said in words.items()]


class SectionForm(SeenForm):
    """The words of a section."""

    title = StringField(
        _l("Title"),
        description=_l("Clients read it at the top of the page."),
        validators=[InputRequired(_l("Write a title."))],
        render_kw=IN_ENGLISH,
    )
    intro = TextAreaField(_l("Introduction"), description=_l("Below the title; it may be empty."), render_kw=IN_ENGLISH)
    es_title = StringField(_l("Title in Spanish"), render_kw=IN_SPANISH)
    es_intro = TextAreaField(_l("Introduction in Spanish"), render_kw=IN_SPANISH)

    def words(self) -> dict[str, Any]:
        """What was typed."""
        words = {"title": tidy(self.title.data), "intro": tidy(self.intro.data)}
        return {**words, SPANISH: {key: tidy(self[in_spanish(key)].data) for key in words}}


class WordingForm(SeenForm):
    """The words of a question that ships; wording_form() adds its answers, and its moment where it may be moved."""

    question = TextAreaField(
        _l("Question"), validators=[InputRequired(_l("Write the question."))], render_kw=IN_ENGLISH
    )
    hint = TextAreaField(
        _l("Hint"), description=_l("Below the question, in small letters; it may be empty."), render_kw=IN_ENGLISH
    )
    es_question = TextAreaField(_l("Question in Spanish"), render_kw=IN_SPANISH)
    es_hint = TextAreaField(_l("Hint in Spanish"), render_kw=IN_SPANISH)

    def words(self) -> dict[str, Any]:
        """What was typed, as intake.changes.reword_field takes it."""
        found: dict[str, Any] = {"question": tidy(self.question.data), "hint": tidy(self.hint.data)}
        found |= {key: tidy(self[key].data) for key in ("missing", "moment") if key in self}
        spanish: dict[str, Any] = {
            key: tidy(self[in_spanish(key)].data) for key in ("question", "hint", "missing") if in_spanish(key) in self
        }
        codes = [one.short_name.removeprefix("option_") for one in self if is_label(one)]
        if not codes:
            return {**found, SPANISH: spanish}
        spanish["options"] = {code: tidy(self[in_spanish(f"option_{code}")].data) for code in codes}
        return {**found, "options": {code: tidy(self[f"option_{code}"].data) for code in codes}, SPANISH: spanish}


def wording_form(entry: Mapping[str, Any], labels: Mapping[str, str], moments: Sequence[str]) -> type[WordingForm]:
    """The form for a shipped question with these answers, which may be asked at these moments."""
    more: dict[str, Any] = {}
    for number, code in enumerate(labels, start=1):
        more[f"option_{code}"] = StringField(
            _("Answer %(number)s", number=number),
            validators=[InputRequired(_("Write what answer %(number)s says.", number=number))],
            render_kw=IN_ENGLISH,
        )
        label = _("Answer %(number)s in Spanish", number=number)
        more[in_spanish(f"option_{code}")] = StringField(label, render_kw=IN_SPANISH)
    if entry["required"]:
        more["missing"] = StringField(
            _("What is said when it is left empty"),
            description=_("Empty for the usual words: Choose an answer to …"),
            render_kw=IN_ENGLISH,
        )
        more["es_missing"] = StringField(_("What is said then, in Spanish"), render_kw=IN_SPANISH)
    if len(moments) > 1:
        more["moment"] = SelectField(_("When it is asked"), choices=_choices({one: MOMENTS[one] for one in moments}))
    return type("ShippedForm", (WordingForm,), more)


class OwnForm(SeenForm):
    """A question of the practice's own."""

    question = TextAreaField(
        _l("Question"), validators=[InputRequired(_l("Write the question."))], render_kw=IN_ENGLISH
    )
    es_question = TextAreaField(_l("Question in Spanish"), render_kw=IN_SPANISH)
    hint = TextAreaField(
        _l("Hint"), description=_l("Below the question, in small letters; it may be empty."), render_kw=IN_ENGLISH
    )
    es_hint = TextAreaField(_l("Hint in Spanish"), render_kw=IN_SPANISH)
    section = SelectField(_l("In which section"), description=_l("It stands at the end; move it from the list."))
    kind = SelectField(_l("How it is answered"), choices=_choices(KINDS))
    options = TextAreaField(
        _l("Answers"),
        description=_l("To choose from: each on a line of its own. Empty for text and numbers."),
        render_kw=IN_ENGLISH,
    )
    es_options = TextAreaField(
        _l("Answers in Spanish"),
        description=_l("In the same order, each on a line of its own, as many as in English."),
        render_kw=IN_SPANISH,
    )
    required = BooleanField(
        _l("It must be answered"), description=_l("Where it may be left empty, people read “(optional)”.")
    )
    who = SelectField(_l("Who is asked"), choices=_choices(WHO))
    moment = SelectField(
        _l("When it is asked"),
        description=_l("An invited partner is asked everything before the session."),
        choices=_choices({one: MOMENTS[one] for one in ("session", "book")}),
    )
    visibility = RadioField(_l("Who reads the answer"), choices=_choices(VISIBILITIES), default="own")
    when = SelectField(_l("Only after this answer"), description=_l("Of an earlier question."))
    when_how = SelectField(_l("Asked if"), choices=_choices(CHOSEN_HOW))

    def __init__(self, *args: Any, document: Mapping[str, Any], name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        read = reworded(document, current_language())
        self.section.choices = {
            one["id"]: one["title"]
            for one in read["sections"]
            if one["id"] not in CLOSED_SECTIONS and not one["id"].startswith("ins_")
        }
        earlier: dict[str, list[tuple[str, str]]] = {_("Always"): [("", _("It is always asked"))]}
        for _home, field in fields_of(read):
            if field["name"] == name:
                continue
            for code, label in options_of(read, field).items():
                earlier.setdefault(field["question"], []).append((f"{field['name']}={code}", label))
        self.when.choices = earlier

    def validate_options(self, field: TextAreaField) -> None:
        if len(answer_lines(field.data)) > MOST_ANSWERS:
            raise ValidationError(_("%(most)s answers at most.", most=MOST_ANSWERS))

    def validate_es_options(self, field: TextAreaField) -> None:
        given, asked = len(answer_lines(field.data)), len(answer_lines(self.options.data))
        if given not in (0, asked):
            raise ValidationError(
                _(
                    "There are %(asked)s answers in English, and %(given)s here. Write one for each.",
                    asked=asked,
                    given=given,
                )
            )

    def _spanish(self) -> dict[str, Any]:
        codes = [answer_code(line) for line in answer_lines(self.options.data)]
        said = {
            "question": tidy(self.es_question.data),
            "hint": tidy(self.es_hint.data),
            "options": dict(zip(codes, answer_lines(self.es_options.data), strict=False)),
        }
        return {key: words for key, words in said.items() if words}

    def entry(self) -> dict[str, Any]:
        """What was asked for, as intake.changes.put_own takes it; call once the form is valid."""
        spanish = self._spanish()
        name, _, code = (self.when.data or "").partition("=")
        return {
            "section": self.section.data,
            "kind": self.kind.data,
            "question": tidy(self.question.data),
            "hint": tidy(self.hint.data),
            "options": {answer_code(line): line for line in answer_lines(self.options.data)},
            "required": bool(self.required.data),
            "who": self.who.data,
            "moment": self.moment.data,
            "visibility": self.visibility.data,
            "when": {name: {self.when_how.data: [code]}} if name else {},
            **({SPANISH: spanish} if spanish else {}),
        }


def typed_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A question of the practice's own as the form shows it."""
    when: Mapping[str, Any] = entry.get("when", {})
    name, rule = next(iter(when.items()), ("", {}))
    how, codes = next(iter(rule.items()), ("any_of", [""]))
    shown = {key: entry.get(key, "") for key in ("section", "kind", "question", "hint", "who", "moment")}
    said = entry.get(SPANISH, {})
    labels = [said.get("options", {}).get(code, "") for code in entry.get("options", {})]
    return {
        **shown,
        "visibility": entry.get("visibility", "own"),
        "es_question": said.get("question", ""),
        "es_hint": said.get("hint", ""),
        "es_options": "\n".join(labels).strip(),
        "options": "\n".join(entry.get("options", {}).values()) if entry.get("kind") in CHOSEN else "",
        "required": entry.get("required", False),
        "when": f"{name}={codes[0]}" if name else "",
        "when_how": how,
    }


class InstrumentForm(PostedForm):
    """An instrument's file."""

    file = FileField(
        _l("The file"),
        description=_l("YAML, at most 64 KiB."),
        validators=[FileRequired(_l("Choose the instrument’s file."))],
    )

    def validate_file(self, field: FileField) -> None:
        if len(field.data.stream.read(MOST_BYTES + 1)) > MOST_BYTES:
            raise ValidationError(_(TOO_LARGE, most=MOST_BYTES // 1024))
        field.data.stream.seek(0)


class MarkForm(PostedForm):
    """A press on a button. `seen` is the mark of what was seen, where that matters."""

    seen = HiddenField()


def show(form: Form, problems: Sequence[Problem], name: str, names: Mapping[str, str]) -> None:
    """Put each problem beside the field that it is in; what is about another question stands above them all. `names`:
    what questions are called in the reader's language.
    """
    for problem in problems:
        field = form[problem.key] if problem.name == name and problem.key in form else None
        if field is None:
            form.form_errors.append(spoken(problem.words, names))
        else:
            field.errors = [*field.errors, spoken(problem.words, names)]


def in_spanish(name: str) -> str:
    """What the field with the Spanish of another is called."""
    return f"{SPANISH}_{name}"


def is_label(field: Field) -> bool:
    """Whether the field is the label of an answer."""
    return bool(field.short_name.startswith("option_"))


def answer_lines(typed: str | None) -> list[str]:
    """The answers that were typed, one a line."""
    return [" ".join(line.split()) for line in (typed or "").splitlines() if line.strip()]


def tidy(typed: str | None) -> str:
    """What was typed, with plain line ends and nothing around it."""
    return (typed or "").replace("\r\n", "\n").strip()
