"""The shape of the words of one letter, both languages in one form. What fits, notify/checking.py says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.languages import LANGUAGES, N_
from practice.notify.checking import Problem
from practice.notify.own_wording.queries import Both
from practice.notify.wording import LINES, LINK, LONGEST_LINE, LONGEST_PART, STOP, SUBJECT, Entry
from practice.setup.forms import SeenForm
from practice.speaking import current_language, spoken
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

CHARACTERS_OF_A_LINE, MOST_ROWS = 42, 30  # of a text's box, where two stand side by side
IN = {"en": N_("%(text)s, in English"), "es": N_("%(text)s, in Spanish")}
NAMES = {
    SUBJECT: N_("Subject"),
    "text": N_("Text"),
    "end": N_("The end of the text"),
    LINK: N_("Words of the link"),
    STOP: N_("Words of the link that stops such letters"),
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
                field.errors = [*field.errors, say_problem(one, language)]


class PublishForm(SeenForm):
    """The yes to words in every language at once."""

    both = BooleanField(
        _l("I read both, and they say the same"),
        validators=[InputRequired(_l("Read both languages, and tick that they say the same. Nothing was published."))],
    )


class SampleForm(PostedForm):
    """Which of the ways in which a letter may come out is to be mailed."""

    language = SelectField(_l("Language"), choices=LANGUAGES)
    case = SelectField(_l("Case"), choices=[], validate_choice=True)


class MarkForm(PostedForm):
    """A press; `seen` is the mark of what stood when the page was made."""

    seen = HiddenField()


def name_of_text(field: str, entry: Entry | None = None) -> str:
    """What a text of a letter is called on the page."""
    if entry is not None and field in entry.cases:
        return entry.told_in(current_language()).cases[field]
    return _(NAMES.get(field, field.replace("_", " ").capitalize()))


def text_in(field: str, language: str, entry: Entry | None = None) -> str:
    """What a text of a letter in one of its languages is called."""
    return _(IN[language], text=name_of_text(field, entry))


def say_problem(problem: Problem, language: str, entry: Entry | None = None) -> str:
    """What is wrong with a text, and with which."""
    return f"{text_in(problem.field, language, entry)}: {spoken(problem.words)}"


def words_form(entry: Entry, words: Both, seen: str, **rest: Any) -> WordsForm:
    """The form of one letter, with these words in it; what was sent goes before them."""
    fields = {
        f"{language}_{name}": _field(entry, words, name, language) for name in entry.fields for language in LANGUAGES
    }
    given = {f"{language}_{name}": words[language][name] for name in entry.fields for language in LANGUAGES}
    made: WordsForm = type("WordsForm", (WordsForm,), fields)(seen=seen, **given, **rest)
    return made


def _field(entry: Entry, words: Both, name: str, language: str) -> StringField:
    label = text_in(name, language, entry)
    longest = LONGEST_LINE if name in LINES else LONGEST_PART
    validators = [
        Length(max=longest, message=_("%(label)s: %(longest)s characters at most.", label=label, longest=longest)),
        PlainText(lines=name not in LINES),
    ]
    common: dict[str, Any] = {"lang": language, "autocomplete": "off"}
    if name in LINES:
        return StringField(label, validators=validators, render_kw=common)
    # As many in each language, so that the two stand beside each other line by line.
    rows = 1 + max(_lines(texts[one][name]) for texts in (words, entry.shipped) for one in LANGUAGES)
    return TextAreaField(label, validators=validators, render_kw={**common, "rows": min(rows, MOST_ROWS)})


def _lines(text: str) -> int:
    """How many lines a text takes in its box, about."""
    return sum(1 + len(line) // CHARACTERS_OF_A_LINE for line in text.split("\n"))
