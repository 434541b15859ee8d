"""The shape of what the owner sends about the questionnaire. What fits, intake/tailoring.py says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, Form, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired

from practice.forms import PostedForm
from practice.intake.changes import answer_code
from practice.intake.instrument_files import MOST_BYTES
from practice.intake.own_questions import CHOSEN
from practice.intake.protected import CLOSED_SECTIONS
from practice.intake.tailoring import fields_of, options_of
from practice.intake.wording import Problem
from practice.setup.forms import SeenForm

MOMENTS = {
    "book": "Before a time is chosen",
    "pay": "With the payment",
    "invite": "When inviting a partner",
    "session": "Before the first session",
}
KINDS = {
    "text": "A line of text",
    "textarea": "Several lines of text",
    "radio": "One answer of several",
    "checkboxes": "Any of several answers",
    "zero_to_ten": "A number from 0 to 10",
}
OTHER_KINDS = {
    "checkbox": "A box to tick",
    "radio_from": "One of what was chosen before",
    "region": "A place",
    "email": "An email address",
    "tel": "A phone number",
    "date": "A date",
}
WHO = {"both": "Each partner, privately", "booker": "The person who books"}
VISIBILITIES = {
    "own": "Clinicians; whoever answered sees it again",
    "admin": "The front desk too",
    "clin": "Clinicians alone; it isn’t shown again to whoever answered",
}
CHOSEN_HOW = {"any_of": "that answer was chosen", "none_of": "another answer was chosen"}
MOST_ANSWERS = 30
SPANISH = "es"


class SectionForm(SeenForm):
    """The words of a section."""

    title = StringField(
        "Title", description="Clients read it at the top of the page.", validators=[InputRequired("Write a title.")]
    )
    intro = TextAreaField("Introduction", description="Below the title; it may be empty.")
    es_title = StringField("Title in Spanish")
    es_intro = TextAreaField("Introduction in Spanish")

    def words(self) -> dict[str, Any]:
        """What was typed."""
        words = {"title": tidy(self.title.data), "intro": tidy(self.intro.data)}
        return {**words, SPANISH: {key: tidy(self[in_spanish(key)].data) for key in words}}


class WordingForm(SeenForm):
    """The words of a question that ships; wording_form() adds its answers, and its moment where it may be moved."""

    question = TextAreaField("Question", validators=[InputRequired("Write the question.")])
    hint = TextAreaField("Hint", description="Below the question, in small letters; it may be empty.")
    es_question = TextAreaField("Question in Spanish")
    es_hint = TextAreaField("Hint in Spanish")

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
            f"Answer {number}", validators=[InputRequired(f"Write what answer {number} says.")]
        )
        more[in_spanish(f"option_{code}")] = StringField(f"Answer {number} in Spanish")
    if entry["required"]:
        more["missing"] = StringField(
            "What is said when it is left empty", description="Empty for the usual words: Choose an answer to …"
        )
        more["es_missing"] = StringField("What is said then, in Spanish")
    if len(moments) > 1:
        more["moment"] = SelectField("When it is asked", choices={one: MOMENTS[one] for one in moments})
    return type("ShippedForm", (WordingForm,), more)


class OwnForm(SeenForm):
    """A question of the practice's own."""

    question = TextAreaField("Question", validators=[InputRequired("Write the question.")])
    es_question = TextAreaField("Question in Spanish")
    hint = TextAreaField("Hint", description="Below the question, in small letters; it may be empty.")
    es_hint = TextAreaField("Hint in Spanish")
    section = SelectField("In which section", description="It stands at the end; move it from the list.")
    kind = SelectField("How it is answered", choices=KINDS)
    options = TextAreaField(
        "Answers", description="To choose from: each on a line of its own. Empty for text and numbers."
    )
    es_options = TextAreaField(
        "Answers in Spanish", description="In the same order, each on a line of its own, as many as in English."
    )
    required = BooleanField("It must be answered", description="Where it may be left empty, people read “(optional)”.")
    who = SelectField("Who is asked", choices=WHO)
    moment = SelectField(
        "When it is asked",
        description="An invited partner is asked everything before the session.",
        choices={one: MOMENTS[one] for one in ("session", "book")},
    )
    visibility = SelectField("Who reads the answer", choices=VISIBILITIES)
    when = SelectField("Only after this answer", description="Of an earlier question.")
    when_how = SelectField("Asked if", choices=CHOSEN_HOW)

    def __init__(self, *args: Any, document: Mapping[str, Any], name: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section.choices = {
            one["id"]: one["title"]
            for one in document["sections"]
            if one["id"] not in CLOSED_SECTIONS and not one["id"].startswith("ins_")
        }
        earlier: dict[str, list[tuple[str, str]]] = {"Always": [("", "It is always asked")]}
        for _, field in fields_of(document):
            if field["name"] == name:
                continue
            for code, label in options_of(document, field).items():
                earlier.setdefault(field["question"], []).append((f"{field['name']}={code}", label))
        self.when.choices = earlier

    def validate_options(self, field: TextAreaField) -> None:
        if len(answer_lines(field.data)) > MOST_ANSWERS:
            raise ValidationError(f"{MOST_ANSWERS} answers at most.")

    def validate_es_options(self, field: TextAreaField) -> None:
        given, asked = len(answer_lines(field.data)), len(answer_lines(self.options.data))
        if given not in (0, asked):
            raise ValidationError(f"There are {asked} answers in English, and {given} here. Write one for each.")

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
    shown = {key: entry.get(key, "") for key in ("section", "kind", "question", "hint", "who", "moment", "visibility")}
    said = entry.get(SPANISH, {})
    labels = [said.get("options", {}).get(code, "") for code in entry.get("options", {})]
    return {
        **shown,
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
        "The file", description="YAML, at most 64 KiB.", validators=[FileRequired("Choose the instrument’s file.")]
    )

    def validate_file(self, field: FileField) -> None:
        if len(field.data.stream.read(MOST_BYTES + 1)) > MOST_BYTES:
            raise ValidationError(f"The file has more than {MOST_BYTES // 1024} KiB. An instrument needs far less.")
        field.data.stream.seek(0)


class MarkForm(PostedForm):
    """A press on a button. `seen` is the mark of what was seen, where that matters."""

    seen = HiddenField()


def show(form: Form, problems: Sequence[Problem], name: str) -> None:
    """Put each problem beside the field that it is in; what is about another question stands above them all."""
    for problem in problems:
        field = form[problem.key] if problem.name == name and problem.key in form else None
        if field is None:
            form.form_errors.append(problem.words)
        else:
            field.errors = [*field.errors, problem.words]


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
