"""The shape of a help line. Where it comes from and when somebody looked last must be said."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from wtforms import BooleanField, StringField, URLField, ValidationError

from practice.intake.checks import Answered, AtMost, PlainText
from practice.intake.documents import HelpLine
from practice.regions import REGIONS
from practice.setup.fields import DayField, words_of
from practice.setup.forms import SeenForm

DIALLED = re.compile(r"\+?[0-9]{2,15}")


def _tidy(typed: str | None) -> str:
    return (typed or "").strip()


class HelpLineForm(SeenForm):
    """One line. `only`: it is the last of its kind, so it can't be removed."""

    name = StringField("Name", filters=[_tidy], validators=[Answered("Write the name."), AtMost(120), PlainText()])
    how = StringField(
        "How to reach them",
        description="In words, as clients read it: Call 116 123, or text 85258.",
        filters=[_tidy],
        validators=[Answered("Write how to reach them."), AtMost(200), PlainText()],
    )
    hours = StringField(
        "When, and what it costs",
        description="Like: day and night, free.",
        filters=[_tidy],
        validators=[Answered("Write when somebody answers."), AtMost(200), PlainText()],
    )
    dial = StringField("Number to dial", description="Digits alone; empty where there is none.", filters=[_tidy])
    web = URLField("Their own page", description="Beginning with https://", filters=[_tidy])
    where = StringField(
        "Only for these regions",
        description="Codes with commas, as in GB-SCT; empty for the whole country.",
        filters=[_tidy],
    )
    source = StringField(
        "Source",
        description="Who says so: the service’s own page, or whoever told you.",
        filters=[_tidy],
        validators=[Answered("Write where this comes from."), AtMost(200), PlainText()],
    )
    checked = DayField(
        "Checked on",
        description="The day on which somebody dialled it or looked it up.",
        validators=[Answered("Write the day on which somebody checked it.")],
    )
    remove = BooleanField("Remove this line")

    def __init__(self, *args: Any, today: date, only: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.only = today, only

    @classmethod
    def of(cls, line: HelpLine | None, seen: int, today: date) -> HelpLineForm:
        """The form with what stands; empty for a new line."""
        if line is None:
            return cls(formdata=None, today=today, seen=str(seen))
        given = {name: getattr(line, name) for name in ("name", "how", "hours", "dial", "web", "source", "checked")}
        return cls(formdata=None, today=today, seen=str(seen), where=", ".join(line.where), **given)

    def line(self) -> HelpLine:
        """What was written; after validation."""
        said = {name: self[name].data for name in ("name", "how", "hours", "dial", "web", "source", "checked")}
        return HelpLine(where=words_of(self.where.data or ""), **said)

    def validate_seen(self, field: Any) -> None:
        if not (field.data or "").isdigit():
            raise ValidationError("Load the page anew, then change it once more.")

    def validate_dial(self, field: StringField) -> None:
        if field.data and not DIALLED.fullmatch(field.data):
            raise ValidationError("Write digits alone, as in 116123.")

    def validate_web(self, field: StringField) -> None:
        if field.data and not field.data.startswith("https://"):
            raise ValidationError("Write the whole address, beginning with https://")

    def validate_where(self, field: StringField) -> None:
        if unknown := [code for code in words_of(field.data or "") if code not in REGIONS]:
            raise ValidationError(f"Not known: {', '.join(unknown)}. Write codes as in GB-SCT.")

    def validate_checked(self, field: DayField) -> None:
        if field.data is not None and field.data > self.today:
            raise ValidationError("This day is still ahead.")

    def validate_remove(self, field: BooleanField) -> None:
        if field.data and self.only:
            raise ValidationError("It is the last of its kind. Write another before you remove it.")
