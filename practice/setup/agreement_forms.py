"""The shape of a new version of a document, in each language side by side."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from practice.consents.documents import Wording, Words, tidy
from practice.forms import PostedForm
from practice.intake.checks import PlainText
from practice.languages import LANGUAGES
from practice.own_word_forms import in_each_language
from practice.own_words import field_of
from practice.speaking import lazy_gettext as _l

LONGEST_BODY = 40_000
TEXTS = ("title", "summary", "body")


@in_each_language(*TEXTS)
class WordingForm(PostedForm):
    """Title, summary and text. `after`: the version that stood; `previewed`: the fingerprint of what was looked at."""

    after = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(_l("Load the page anew, then change it once more."))]
    )
    previewed = HiddenField()
    title = StringField(
        _l("Title"),
        validators=[
            DataRequired(_l("Give it a title.")),
            Length(max=120, message=_l("A title takes 120 characters at most.")),
            PlainText(),
        ],
    )
    summary = TextAreaField(
        _l("In short"),
        description=_l("A sentence or two. It stands above the tick, and is part of what people agree to."),
        validators=[
            DataRequired(_l("Say in a sentence or two what it is about.")),
            Length(max=400, message=_l("The short version takes 400 characters at most.")),
            PlainText(lines=True),
        ],
        render_kw={"rows": 3},
    )
    body = TextAreaField(
        _l("All of it"),
        description=_l("## makes a heading, - a line of a list, **two stars** bold. Tags stay words; no pictures."),
        validators=[
            DataRequired(_l("Write the text.")),
            Length(
                max=LONGEST_BODY, message=_l("The text takes %(longest)s characters at most.", longest=LONGEST_BODY)
            ),
            PlainText(lines=True),
        ],
        render_kw={"rows": 26, "autocomplete": "off"},
    )

    def words(self) -> Words:
        """What was written, as it would be kept."""
        return {
            language: tidy(*(self[field_of(text, language)].data or "" for text in TEXTS)) for language in LANGUAGES
        }


def given_words(words: Words) -> dict[str, str]:
    """What the fields begin with."""
    empty = Wording("", "", "")
    return {
        field_of(text, language): getattr(words.get(language, empty), text) for language in LANGUAGES for text in TEXTS
    }
