"""The shape of a help line. Where it comes from and when somebody looked last must be said."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from wtforms import BooleanField, StringField, TextAreaField, URLField, ValidationError

from practice.intake.checks import Answered, AtMost, PlainText
from practice.intake.documents import OWN_TEXTS, HelpLine
from practice.languages import DEFAULT, OTHERS
from practice.own_word_forms import given_texts, in_each_language, read_texts
from practice.regions import REGIONS
from practice.setup.fields import DayField, words_of
from practice.setup.forms import SeenForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

DIALLED = re.compile(r"\+?[0-9]{2,15}")
ASKED_TO_REMOVE = ("seen", "csrf_token", "remove")  # nothing else counts, then


def _tidy(typed: str | None) -> str:
    return (typed or "").strip()


def _in_one_line(typed: str | None) -> str:
    """A text that is written in a box with room, and read as one line."""
    return " ".join((typed or "").split())


@in_each_language(*OWN_TEXTS)
class HelpLineForm(SeenForm):
    """One line. `only`: it is the last of its kind, so it can't be removed."""

    name = StringField(
        _l("Name"), filters=[_tidy], validators=[Answered(_l("Write the name.")), AtMost(120), PlainText()]
    )
    how = TextAreaField(
        _l("How to reach them"),
        description=_l("In words, as clients read it: Call 116 123, or text 85258."),
        filters=[_in_one_line],
        validators=[Answered(_l("Write how to reach them.")), AtMost(200), PlainText()],
        render_kw={"rows": 3},
    )
    hours = TextAreaField(
        _l("When, and what it costs"),
        description=_l("Like: day and night, free."),
        filters=[_in_one_line],
        validators=[Answered(_l("Write when somebody answers.")), AtMost(200), PlainText()],
        render_kw={"rows": 3},
    )
    dial = StringField(
        _l("Number to dial"), description=_l("Digits alone; empty where there is none."), filters=[_tidy]
    )
    web = URLField(_l("Their own page"), description=_l("Beginning with https://"), filters=[_tidy])
    where = StringField(
        _l("Only for these regions"),
        description=_l("Codes with commas, as in GB-SCT; empty for the whole country."),
        filters=[_tidy],
    )
    source = StringField(
        _l("Source"),
        description=_l("Who says so: the service’s own page, or whoever told you."),
        filters=[_tidy],
        validators=[Answered(_l("Write where this comes from.")), AtMost(200), PlainText()],
    )
    checked = DayField(
        _l("Checked on"),
        description=_l("The day on which somebody dialed it or looked it up."),
        validators=[Answered(_l("Write the day on which somebody checked it."))],
    )
    remove = BooleanField(_l("Remove this line"))

    def __init__(self, *args: Any, today: date, only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.only = today, only

    @classmethod
    def of(cls, line: HelpLine | None, seen: int, today: date) -> HelpLineForm:
        """The form with what stands; empty for a new line."""
        if line is None:
            return cls(formdata=None, today=today, seen=str(seen))
        given = {name: getattr(line, name) for name in ("name", "dial", "web", "source", "checked")}
        for text in OWN_TEXTS:
            given |= given_texts(text, line.in_languages(text))
        return cls(formdata=None, today=today, seen=str(seen), where=", ".join(line.where), **given)

    def line(self) -> HelpLine:
        """What was written; after validation."""
        said: dict[str, Any] = {name: self[name].data for name in ("name", "dial", "web", "source", "checked")}
        texts = {text: read_texts(self, text) for text in OWN_TEXTS}
        said |= {text: words[DEFAULT] for text, words in texts.items()}
        others = {language: {text: words[language] for text, words in texts.items()} for language in OTHERS}
        return HelpLine(where=words_of(self.where.data or ""), others=others, **said)

    def validate(self, extra_validators: Any = None) -> bool:
        """A line that is to go needs no words."""
        for field in self:
            if self.remove.data and field.short_name not in ASKED_TO_REMOVE:
                field.validators = ()
        return bool(super().validate(extra_validators))

    def validate_seen(self, field: Any) -> None:
        if not (field.data or "").isdigit():
            raise ValidationError(_("Load the page anew, then change it once more."))

    def validate_dial(self, field: StringField) -> None:
        if field.data and not DIALLED.fullmatch(field.data):
            raise ValidationError(_("Write digits alone, as in 116123."))

    def validate_web(self, field: StringField) -> None:
        if field.data and not field.data.startswith("https://"):
            raise ValidationError(_("Write the whole address, beginning with https://"))

    def validate_where(self, field: StringField) -> None:
        if unknown := [code for code in words_of(field.data or "") if code not in REGIONS]:
            raise ValidationError(_("Not known: %(codes)s. Write codes as in GB-SCT.", codes=", ".join(unknown)))

    def validate_checked(self, field: DayField) -> None:
        if field.data is not None and field.data > self.today:
            raise ValidationError(_("This day is still ahead."))

    def validate_remove(self, field: BooleanField) -> None:
        if field.data and self.only:
            raise ValidationError(_("It is the last of its kind. Write another before you remove it."))
