"""The shape of what may be typed: validators for the intake's forms. They never repeat what was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from wtforms.validators import StopValidation

from practice.clock import clock
from practice.profile import profile
from practice.speaking import gettext as _

ADULT = 18
OLDEST_YEAR = 1900
PHONE = re.compile(r"\+?[0-9][0-9 ()./\-]{4,28}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?", re.IGNORECASE)
SHORTEST_PHONE, LONGEST_PHONE = 7, 15  # digits, ITU E.164 at most
# Marks that turn the direction of the text around them: invisible, and able to make a page lie.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Answered:
    """The field has an answer that isn't blank."""

    field_flags = {"required": True}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Any) -> None:
        if field.data:
            return
        if field.process_errors and any(str(raw).strip() for raw in field.raw_data or ()):
            raise StopValidation  # something is there, and its own error says what is wrong with it
        field.errors[:] = []
        raise StopValidation(self.message)


class MayBeEmpty:
    """An empty field is fine; nothing further is asked of it."""

    def __call__(self, _form: Any, field: Any) -> None:
        if not any(str(raw).strip() for raw in field.raw_data or ()):
            field.errors[:] = []
            raise StopValidation


class NotAsked:
    """Whatever is in the field, these answers don't call for it: it is left out, so nothing is asked of it."""

    def __call__(self, _form: Any, field: Any) -> None:
        field.errors[:] = []
        raise StopValidation


class AtMost:
    """Typed text of at most so many characters."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __call__(self, _form: Any, field: Any) -> None:
        length = len(field.data or "")
        if length > self.longest:
            label = _as_named(field.label.text)
            over = length - self.longest
            raise StopValidation(
                _(
                    "“%(label)s” takes %(longest)s characters at most; this has %(length)s. Nothing of it is lost: "
                    "shorten it by %(over)s, or leave the rest for the session.",
                    label=label,
                    longest=f"{self.longest:,}",
                    length=f"{length:,}",
                    over=f"{over:,}",
                )
            )


class ChooseAtMost:
    """So many options at most."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, _form: Any, field: Any) -> None:
        if len(field.data or ()) > self.most:
            raise StopValidation(_("Choose %(most)s at most.", most=self.most))


class StandsAlone:
    """None of these codes together with another: “No” and “As a couple” can’t both be true.

    `labels` are their words, by code.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels

    def __call__(self, _form: Any, field: Any) -> None:
        chosen = field.data or ()
        for code, label in self.labels.items():
            if code in chosen and len(chosen) > 1:
                raise StopValidation(
                    _("“%(label)s” can’t be true together with the others. Take back one or the other.", label=label)
                )


class PlainText:
    """No control characters, and none that turn the direction of text; line breaks only where there are lines."""

    def __init__(self, *, lines: bool = False) -> None:
        self.allowed = frozenset("\r\n\t") if lines else frozenset()

    def __call__(self, _form: Any, field: Any) -> None:
        for character in field.data or "":
            odd = unicodedata.category(character) in {"Cc", "Cs"} or character in TURNING
            if odd and character not in self.allowed:
                label = _as_named(field.label.text)
                raise StopValidation(
                    _("“%(label)s” holds a character that can’t be shown. Type it once more by hand.", label=label)
                )


class MailAddress:
    """An address as mail is sent to it. Nobody is asked over the network whether it exists."""

    def __call__(self, _form: Any, field: Any) -> None:
        try:
            validate_email(field.data, check_deliverability=False)
        except EmailNotValidError:
            raise StopValidation(_("Write the email address in full, as in name@example.com.")) from None


class PhoneNumber:
    """A phone number as people write it: 7 to 15 digits, and what they put between."""

    def __call__(self, _form: Any, field: Any) -> None:
        number = field.data or ""
        digits = sum(character.isdigit() for character in re.split("x|ext", number, flags=re.IGNORECASE)[0])
        if not PHONE.fullmatch(number) or not SHORTEST_PHONE <= digits <= LONGEST_PHONE:
            raise StopValidation(
                _("Write the phone number with its area code, as in 212 555 0123 or +44 20 7946 0000.")
            )


class BornAdult:
    """A date of birth of somebody who is alive and 18 or older today, where the practice is."""

    def __call__(self, _form: Any, field: Any) -> None:
        today = clock().now().astimezone(ZoneInfo(profile().zone)).date()
        born: date = field.data
        if born > today or born.year < OLDEST_YEAR:
            raise StopValidation(_("Check the date of birth: the year can’t be right."))
        if age_on(today, born) < ADULT:
            raise StopValidation(_("By this date of birth you are under 18, and this practice sees adults only."))


def _as_named(question: str) -> str:
    """A question as a sentence names it: without the marks of asking, which Spanish has on both sides."""
    return question.lstrip("¿").rstrip("?.…")


def age_on(day: date, born: date) -> int:
    """Whole years; somebody born on 29 February has their birthday on 1 March in common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
