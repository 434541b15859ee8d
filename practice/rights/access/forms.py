"""Forms about access requests. They check shape, and that marks fit what was written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

from wtforms import BooleanField, HiddenField, PasswordField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from practice.forms import PostedForm
from practice.intake.checks import Answered, PlainText
from practice.rights.access.redacting import Choice, Item, Looked, Unfit, as_lines, read_marked
from practice.rights.access.rules import How, Outcome, Way
from practice.rights.forms import LONGEST_CODE, SHORT, CodeForm, ExportForm, tidy_code
from practice.setup.fields import DayField
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.speaking import spoken

HOW = {
    How.CODE: _l("Their code, on their page"),
    How.IN_PERSON: _l("Seen in person"),
    How.VIDEO: _l("By video"),
    How.CALL: _l("By a call to the number that we know"),
    How.DOCUMENT: _l("By a document"),
}
WAYS = {
    Way.LETTER: _l("By letter or email"),
    Way.PHONE: _l("By phone, or in person"),
    Way.PAGE: _l("On their page, with their code"),
}
OUTCOMES = {
    Outcome.WHOLE: _l("Hand over all of it"),
    Outcome.PARTS: _l("Hand it over without what is marked"),
    Outcome.NOTHING: _l("Hand over nothing"),
}
DECIDED = {
    Outcome.WHOLE: _l("All of it was handed over"),
    Outcome.PARTS: _l("It was handed over without what was marked"),
    Outcome.NOTHING: _l("Nothing was handed over"),
}
LONGEST_MARKED = 20_000  # the longest text that people can send us is far below


def _tidy(typed: str | None) -> str:
    return (typed or "").strip()


class AskForm(CodeForm):
    """Asking for the whole record."""


class BackForm(CodeForm):
    """Taking the request back. Its field has an id of its own: another form of the page asks for the code, too."""

    code = PasswordField(
        _l("Your code"),
        id="back_code",
        filters=[tidy_code],
        validators=[Answered(_l("Type the code that you chose.")), Length(max=LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )


class ReadForm(ExportForm):
    """Reading what was handed over."""


class EnterForm(PostedForm):
    """A request that came otherwise than on a page."""

    way = RadioField(
        _l("How it came"),
        choices=[SelectChoice(way.value, WAYS[way]) for way in (Way.LETTER, Way.PHONE)],
        validators=[InputRequired(_l("Say how it came."))],
    )
    arrived = DayField(
        _l("Day on which it arrived"),
        description=_l("The time to answer counts from this day."),
        validators=[InputRequired(_l("Write the day on which it arrived."))],
    )

    @property
    def day(self) -> date:
        """When it arrived; after validation only."""
        return cast(date, self.arrived.data)


class CheckForm(PostedForm):
    """How somebody made sure who asks."""

    how = RadioField(
        _l("How do you know that it is they who ask?"),
        choices=[SelectChoice(how.value, words) for how, words in HOW.items()],
        validators=[InputRequired(_l("Say how you know."))],
    )
    remark = TextAreaField(
        _l("A remark for colleagues"),
        description=_l("Kept with their key. They never read it."),
        filters=[_tidy],
        validators=[Optional(), SHORT, PlainText(lines=True)],
        render_kw={"rows": 2, "autocomplete": "off"},
    )


class ExtendForm(PostedForm):
    """Why it takes longer, in words that its person reads."""

    words = TextAreaField(
        _l("Why it takes longer"),
        description=_l("They read these words on their own page."),
        filters=[_tidy],
        validators=[Answered(_l("Write why it takes longer; they read it.")), SHORT, PlainText(lines=True)],
        render_kw={"rows": 3, "autocomplete": "off"},
    )


class DecideForm(PostedForm):
    """What a clinician decides, and why. `seen` is the mark of the record that the page shows."""

    seen = HiddenField(validators=[InputRequired(), Length(max=64)])
    outcome = RadioField(
        _l("What do you decide?"),
        choices=[SelectChoice(outcome.value, words) for outcome, words in OUTCOMES.items()],
        validators=[InputRequired(_l("Say what you decide."))],
    )
    reason = TextAreaField(
        _l("Why, with a view to harm"),
        description=_l("Kept with their key, for colleagues. They never read it."),
        filters=[_tidy],
        validators=[Answered(_l("Write why, for whoever looks at it later.")), SHORT, PlainText(lines=True)],
        render_kw={"rows": 4, "autocomplete": "off"},
    )
    spoken = BooleanField(
        _l("I spoke with them alone, and they know what they will find in it"),
        description=_l("Before anything is handed over."),
    )

    def validate_spoken(self, field: BooleanField) -> None:
        if not field.data and self.outcome.data != Outcome.NOTHING:
            raise ValidationError(_("Speak with them alone first, and tick this."))


class ReviewForm(PostedForm):
    """What becomes of each text. Made for the texts of one record: make_review_form()."""

    items: tuple[Item, ...] = ()
    seen = HiddenField(validators=[InputRequired(), Regexp(r"\d{1,6}\Z")])

    def validate(self, extra_validators: object = None) -> bool:
        """Whether every text that was marked fits; an error names the text and stands at it."""
        fits: bool = super().validate(extra_validators)
        for item in self.items:
            chosen, area = self[f"choice_{item.key}"].data, self[f"marked_{item.key}"]
            if chosen != Choice.PASSAGES:
                typed = as_lines(area.data or "").strip()
                if chosen != Choice.LEAVE and typed and typed != item.text.strip():
                    area.errors = [*area.errors, _("You marked passages; say so above.")]
                    fits = False
                continue
            try:
                read_marked(item.text, area.data or "")
            except Unfit as unfit:
                area.errors = [*area.errors, f"{spoken(item.what)}: {spoken(unfit.sentence)}."]
                fits = False
        return fits

    def looked(self) -> dict[str, Looked | None]:
        """What was decided, by the key of the text; None where nothing was. After validation only."""
        found: dict[str, Looked | None] = {}
        for item in self.items:
            chosen = self[f"choice_{item.key}"].data
            marked = (self[f"marked_{item.key}"].data or "") if chosen == Choice.PASSAGES else ""
            found[item.key] = Looked(Choice(chosen), marked, item.place) if chosen else None
        return found


def make_review_form(items: Iterable[Item]) -> type[ReviewForm]:
    """The form for these texts."""
    choices = [
        SelectChoice(Choice.KEEP, _l("Keep it")),
        SelectChoice(Choice.PASSAGES, _l("Keep it without the passages that I mark")),
        SelectChoice(Choice.LEAVE, _l("Leave it out")),
    ]
    fields: dict[str, object] = {"items": tuple(items)}
    for item in items:
        fields[f"choice_{item.key}"] = RadioField(spoken(item.what), choices=choices, validators=[Optional()])
        fields[f"marked_{item.key}"] = TextAreaField(
            _l("Its words, with [[ before and ]] after each passage to leave out"),
            validators=[Length(max=LONGEST_MARKED)],
            render_kw={"rows": min(12, 2 + len(item.text) // 70 + item.text.count("\n")), "autocomplete": "off"},
        )
    return type("ReviewFormOfRecord", (ReviewForm,), fields)
