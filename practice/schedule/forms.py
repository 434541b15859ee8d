"""The shape of what staff send about time. Which instant was typed depends on a zone: instant_in() says it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError

from practice.booking.forms import EARLIEST_YEAR, LATEST_YEAR
from practice.booking.offers.checks import HIGHEST_PRICE
from practice.booking.prices.amounts import read_amount
from practice.forms import PostedForm
from practice.intake.checks import MailAddress, MayBeEmpty, PhoneNumber, PlainText
from practice.languages import DEFAULT, LANGUAGES, N_
from practice.money import Money
from practice.regions import groups_in, region_name
from practice.spans import Span, aligned
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.telling.zones import known_zone

LONGEST_REASON = 1000
FIVE_MINUTES = {"step": 300}  # seconds, as browsers count
ON_FIVE_MINUTES = N_("Choose a time on five minutes, as in 9:05.")
SKIPPED = N_("The clock skips this time on that day. Choose another.")
DECISIONS = [
    SelectChoice("rule", _l("By the rule")),
    SelectChoice("all", _l("All of the fee goes back")),
    SelectChoice("nothing", _l("Nothing goes back")),
]
PAYING = [
    SelectChoice("link", _l("They pay by the link in their letter")),
    SelectChoice("free", _l("Without charge: they only say yes")),
]


class SeenForm(PostedForm):
    """Something to do with a session; `seen` is how it stood on the page."""

    seen = HiddenField(validators=[InputRequired(), Length(max=40)])


class MarkForm(SeenForm):
    """Whether somebody came."""

    came = HiddenField(validators=[InputRequired(), AnyOf(["attended", "missed"])])


class CancelForm(SeenForm):
    """What goes back, and why; `rule` is what the rule said on the page."""

    rule = HiddenField(validators=[InputRequired(), Length(max=40)])
    decision = RadioField(_l("What goes back"), choices=DECISIONS, default="rule")
    reason = TextAreaField(
        _l("Why otherwise than the rule"),
        validators=[
            Length(max=LONGEST_REASON, message=_l("A reason takes %(most)s characters at most.", most=LONGEST_REASON)),
            PlainText(lines=True),
        ],
        render_kw={"maxlength": LONGEST_REASON, "rows": 3, "autocomplete": "off"},
    )


class TimeForm(PostedForm):
    """A time: one of those on the page (`start`, ISO 8601 with its offset), or a date and a typed time."""

    start = HiddenField(validators=[Length(max=40)])
    day = DateField(_l("Date"), validators=[Optional()])
    at = TimeField(_l("Time"), validators=[Optional()], render_kw=FIVE_MINUTES)

    def instant_in(self, zone: str) -> datetime | None:
        """What was chosen or typed, aware UTC; None, with the fault at its field, where it is none on five minutes."""
        if self.start.data:
            chosen = _read_instant(self.start.data)
            return chosen if chosen is not None and aligned(chosen) else None
        day = read_day_of(self.day)
        if day is None or self.at.data is None:
            _fault(self.at if day is not None else self.day, N_("Choose one of the times, or type one."))
            return None
        instant = instant_of(day, self.at.data, zone)
        if instant is None or not aligned(instant):
            _fault(self.at, ON_FIVE_MINUTES if instant is not None else SKIPPED)
            return None
        return instant


class MoveForm(TimeForm, SeenForm):
    """Another time for a session."""


class AnswerForm(SeenForm):
    """What a change in a therapist's own calendar means; `at` (ISO, UTC) is when the session was seen there."""

    answer = HiddenField(validators=[InputRequired(), AnyOf(["move", "put_back"])])
    at = HiddenField(validators=[Length(max=40)])


class LookUpForm(PostedForm):
    """Who has been here with an address, to book this time for."""

    offer = HiddenField(validators=[InputRequired(), Length(max=130)])
    start = HiddenField(validators=[InputRequired(), Length(max=40)])
    email = StringField(
        _l("Their email address"),
        validators=[InputRequired(_l("Type the address that they gave.")), Length(max=254), MailAddress()],
        render_kw={"type": "email", "autocomplete": "off", "spellcheck": "false"},
    )

    @property
    def starts_at(self) -> datetime | None:
        """The start, aware UTC; None where it is none."""
        return _read_instant(self.start.data or "")


class ReserveForm(PostedForm):
    """Whom a time is kept for, where they will be, how it is paid and until when it is kept."""

    offer = HiddenField(validators=[InputRequired(), Length(max=130)])
    start = HiddenField(validators=[InputRequired(), Length(max=40)])
    region = SelectField(
        _l("Where they will be during sessions"), validators=[InputRequired(_l("Choose where they will be."))]
    )
    paying = RadioField(_l("How it is paid"), choices=PAYING, default="link")
    amount = StringField(
        _l("Another fee, for this session alone"),
        validators=[MayBeEmpty(), Length(max=14)],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    until = RadioField(_l("Kept until"), validators=[InputRequired(_l("Choose until when it is kept."))])
    currency = ""  # of what is booked

    def validate_amount(self, field: StringField) -> None:
        self._agreed()

    @property
    def agreed(self) -> Money | None:
        """What staff want them to pay; None where it is what they usually pay. After validation only."""
        return Money(0, self.currency) if self.paying.data == "free" else self._agreed()

    def _agreed(self) -> Money | None:
        """:raises ValidationError: for what is no fee."""
        typed = (self.amount.data or "").strip()
        try:
            minor = read_amount(typed, self.currency, what="session") if typed else 0
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None
        if not 0 <= minor <= HIGHEST_PRICE:
            raise ValidationError(_("Write a fee that isn’t below zero, nor a slip of the finger."))
        return Money(minor, self.currency) if typed else None

    def offer_deadlines(self, choices: list[tuple[str, str]]) -> None:
        """Which deadlines there are to choose from, the first one chosen."""
        self.until.choices = [SelectChoice(value, label) for value, label in choices]
        if not self.until.data and choices:
            self.until.data = choices[0][0]

    def name_regions(self, therapist: str, licensed: tuple[str, ...]) -> None:
        """Offer every place, those first where this therapist is licensed."""
        language = current_language()
        first = _("Where %(name)s is licensed", name=therapist)
        here = [SelectChoice(code, region_name(code, language), optgroup=first) for code in licensed]
        rest = [
            SelectChoice(code, name, optgroup=group)
            for group, places in groups_in(language).items()
            for code, name in places.items()
            if code not in licensed
        ]
        self.region.choices = [SelectChoice("", _("Choose a place")), *here, *rest]

    @property
    def starts_at(self) -> datetime | None:
        """The start, aware UTC; None where it is none."""
        return _read_instant(self.start.data or "")


class KnownForm(ReserveForm):
    """For somebody who has been here."""

    person = RadioField(
        _l("Who it is for"), validators=[InputRequired(_l("Choose who it is for."))], validate_choice=False
    )


class NewForm(ReserveForm):
    """For somebody new. `shares` says that the address is known, and that this is somebody else."""

    first_name = StringField(
        _l("First name"),
        validators=[InputRequired(_l("Type a first name.")), Length(max=60), PlainText()],
        render_kw={"autocomplete": "off"},
    )
    email = StringField(
        _l("Email address"),
        id="new-email",  # the page also asks for the address of somebody known
        validators=[InputRequired(_l("Type an address: the letter goes there.")), Length(max=254), MailAddress()],
        render_kw={"type": "email", "autocomplete": "off", "spellcheck": "false"},
    )
    phone = StringField(
        _l("Phone"),
        validators=[MayBeEmpty(), Length(max=40), PhoneNumber()],
        render_kw={"type": "tel", "autocomplete": "off"},
    )
    language = SelectField(_l("Language of our letters"), choices=LANGUAGES, default=DEFAULT)
    zone = SelectField(_l("Their time zone"), validate_choice=False)
    shares = BooleanField(_l("This is somebody else with the same address"))

    def validate_zone(self, field: Field) -> None:
        if not known_zone(field.data):
            raise ValidationError(_("Choose one of the time zones."))


class BlockForm(PostedForm):
    """Time to take out, of a therapist or a room."""

    what = SelectField(_l("Whose time"), validators=[InputRequired(_l("Choose whose time."))])
    day = DateField(_l("Date"), validators=[InputRequired(_l("Choose a date."))])
    opens = TimeField(_l("From"), validators=[InputRequired(_l("Type from when on."))], render_kw=FIVE_MINUTES)
    closes = TimeField(_l("To"), validators=[InputRequired(_l("Type until when."))], render_kw=FIVE_MINUTES)

    def span_in(self, zone: str) -> Span | None:
        """What is to be blocked; None, with the fault at its field, where it is no time on five minutes."""
        day = read_day_of(self.day)
        if day is None or self.opens.data is None or self.closes.data is None:
            return None
        first, last = instant_of(day, self.opens.data, zone), instant_of(day, self.closes.data, zone)
        for field, instant in ((self.opens, first), (self.closes, last)):
            if instant is None or not aligned(instant):
                _fault(field, ON_FIVE_MINUTES if instant is not None else SKIPPED)
        if self.errors or first is None or last is None:
            return None
        if first >= last:
            _fault(self.closes, N_("It must end after it begins, on the same day."))
            return None
        return Span(first, last)


class ConfirmForm(PostedForm):
    """Yes, do it. To what stands in the address."""


def read_day(text: str | None) -> date | None:
    """A date as addresses write it, 2026-03-31; None where it is none that calendars reach."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if EARLIEST_YEAR <= day.year <= LATEST_YEAR else None


def read_day_of(field: Field) -> date | None:
    """The date of a field, with the fault at it where it is out of reach."""
    day: date | None = field.data
    if day is not None and not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        _fault(field, N_("Check the year."))
        return None
    return day


def instant_of(day: date, wall: time, zone: str) -> datetime | None:
    """When a clock in the zone shows this, aware UTC: the first of two where it does so twice, None where never."""
    local = datetime.combine(day, wall, ZoneInfo(zone))
    instant = local.astimezone(UTC)
    return instant if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _read_instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None or not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        return None
    return instant.astimezone(UTC)


def _fault(field: Field, message: str) -> None:
    field.errors = [*field.errors, _(message)]
