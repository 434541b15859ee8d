"""The shape of the words of one letter, both languages in one form. What fits, notify/wording.py says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.languages import LANGUAGES
from practice.notify.own_wording.queries import Both
from practice.notify.wording import LINES, LINK, LONGEST_LINE, LONGEST_PART, STOP, SUBJECT, Entry, Problem
from practice.setup.forms import SeenForm

IN = {"en": "in English", "es": "in Spanish"}
NAMES = {
    SUBJECT: "Subject",
    "text": "Text",
    "end": "The end of the text",
    LINK: "Words of the link",
    STOP: "Words of the link that stops such letters",
}


class WordsForm(SeenForm):
    """Two languages of one letter: a field for each text, named as in `en_subject`. Made by words_form()."""

    def words(self) -> Both:
        """What was typed, by language and text."""
        return {
            language: {
                name.removeprefix(f"{language}_"): field.data or ""
                for name, field in self._fields.items()
                if name.startswith(f"{language}_")
            }
            for language in LANGUAGES
        }

    def show(self, problems: Mapping[str, list[Problem]]) -> None:
        """Put each problem to the field that it is about."""
        for language, found in problems.items():
            for one in found:
                field = self[f"{language}_{one.field}"]
                field.errors = [*field.errors, f"{name_of_text(one.field)}, {IN[language]}: {one.words}"]


class PublishForm(SeenForm):
    """The yes to words in every language at once."""

    both = BooleanField(
        "I read both, and they say the same",
        validators=[InputRequired("Read both languages, and tick that they say the same. Nothing was published.")],
    )


class SampleForm(PostedForm):
    """Which of the ways in which a letter may come out is to be mailed."""

    language = SelectField("Language", choices=LANGUAGES)
    case = SelectField("Case", choices=[], validate_choice=True)


class MarkForm(PostedForm):
    """A press; `seen` is the mark of what stood when the page was made."""

    seen = HiddenField()


def name_of_text(field: str, entry: Entry | None = None) -> str:
    """What a text of a letter is called on the page."""
    if entry is not None and field in entry.cases:
        return entry.cases[field]
    return NAMES.get(field, field.replace("_", " ").capitalize())


def words_form(entry: Entry, words: Both, seen: str, **rest: Any) -> WordsForm:
    """The form of one letter, with these words in it; what was sent goes before them."""
    fields = {f"{language}_{name}": _field(entry, name, language) for name in entry.fields for language in LANGUAGES}
    given = {f"{language}_{name}": words[language][name] for name in entry.fields for language in LANGUAGES}
    made: WordsForm = type("WordsForm", (WordsForm,), fields)(seen=seen, **given, **rest)
    return made


def _field(entry: Entry, name: str, language: str) -> StringField:
    label = f"{name_of_text(name, entry)}, {IN[language]}"
    longest = LONGEST_LINE if name in LINES else LONGEST_PART
    validators = [
        Length(max=longest, message=f"{label}: {longest} characters at most."),
        PlainText(lines=name not in LINES),
    ]
    common: dict[str, Any] = {"lang": language, "autocomplete": "off"}
    if name in LINES:
        return StringField(label, validators=validators, render_kw=common)
    lengths = [len(entry.shipped[one][name]) for one in LANGUAGES]
    rows = min(3 + max(lengths) // 55 + entry.shipped[language][name].count("\n"), 22)
    return TextAreaField(label, validators=validators, render_kw={**common, "rows": rows})
