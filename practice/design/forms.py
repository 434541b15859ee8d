"""A form with one field of every kind, for the page that shows them. Nothing is ever sent with it."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from practice.forms import PostedForm

SIDES = [
    SelectChoice("one", "The one who was hurt"),
    SelectChoice("other", "The one who hurt"),
    SelectChoice("both", "Both"),
]
DAYS = [SelectChoice("tuesday", "Tuesday"), SelectChoice("thursday", "Thursday")]
FROM_0_TO_4 = [SelectChoice(str(number), str(number)) for number in range(5)]
PLACES = [SelectChoice("", "Choose a place"), SelectChoice("ny", "New York"), SelectChoice("vt", "Vermont")]


class SampleForm(PostedForm):
    """One field of every kind that macros/forms.html draws."""

    name = StringField("What should we call you?", [InputRequired("Say what we should call you.")])
    reach = StringField(
        "Where can we reach you?",
        [InputRequired("Write an address or a number.")],
        description="We write little, and in neutral words.",
    )
    day = DateField("Which day?", [InputRequired("Choose a day.")])
    hour = TimeField("From when?", [InputRequired("Choose a time.")])
    place = SelectField("Where will you be?", [InputRequired("Choose a place.")], choices=PLACES)
    note = TextAreaField(
        "What happened, in a few words?",
        [InputRequired("Write a word or two, or leave this page out.")],
        description="At most 200 characters.",
        render_kw={"data-longest": "200"},
    )
    side = RadioField("Whose side is this?", [InputRequired("Choose one.")], choices=SIDES)
    scale = RadioField("How much was it, from 0 to 4?", [InputRequired("Choose a number.")], choices=FROM_0_TO_4)
    days = SelectMultipleField(
        "Which days suit you?",
        [InputRequired("Choose a day at least.")],
        choices=DAYS,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    agreed = BooleanField("I have read how private this is", [InputRequired("Please tick this to go on.")])


def empty() -> SampleForm:
    """As somebody meets it."""
    return SampleForm(formdata=None, prefix="empty-")


def filled() -> SampleForm:
    """As somebody filled it in."""
    prefix = "filled-"
    said = [
        ("name", "Noa"),
        ("reach", "noa@mail.example"),
        ("day", "2026-03-03"),
        ("hour", "15:00"),
        ("place", "ny"),
        ("note", "A promise that was not kept, and then another. " * 4),
        ("side", "both"),
        ("scale", "2"),
        ("days", "tuesday"),
        ("agreed", "yes"),
    ]
    return SampleForm(formdata=MultiDict([(prefix + name, value) for name, value in said]), prefix=prefix)


def wrong() -> SampleForm:
    """As it comes back when nothing in it could be used."""
    form = SampleForm(formdata=MultiDict(), prefix="wrong-")
    form.validate()
    return form


def closed() -> SampleForm:
    """Where it can't be filled in now."""
    form = SampleForm(formdata=None, prefix="closed-")
    for field in (form.name, form.place, form.note):
        field.render_kw = {"disabled": True}
    return form
