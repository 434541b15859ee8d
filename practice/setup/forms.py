"""The shape of what staff send when they set up. What may be offered at all, booking/offers/checks.py says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from practice.booking.offers.asked import DayRow, Details, HoursRow, OfferingDetails, Preferences, RoomDetails
from practice.booking.offers.checks import MOST_OPENINGS, InvalidOffer
from practice.booking.prices.amounts import read_amount
from practice.forms import PostedForm
from practice.own_word_forms import in_each_language, read_texts
from practice.regions import groups_in
from practice.setup.fields import ClockField, DayField, TicksField, WholeField, words_of
from practice.speaking import current_language, pgettext
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

WEEKDAYS = (
    *(_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday")),
    *(_l("Friday"), _l("Saturday"), _l("Sunday")),
)
DAYS = [SelectChoice("", _l("Choose")), *(SelectChoice(str(number), name) for number, name in enumerate(WEEKDAYS))]
BY_PLACE = [SelectChoice("video", _l("By video")), SelectChoice("in_person", _l("In person"))]
PLACES = [SelectChoice("", _l("Every place")), *BY_PLACE]
EMPTY_ROWS = 3


def places_of_licence() -> dict[str, str]:
    """Where somebody can be licensed, each group in the order of the language that is spoken."""
    return {code: name for names in groups_in(current_language()).values() for code, name in names.items()}


def kinds_of_day() -> dict[str, str]:
    """How a date can differ."""
    return {
        "closed": pgettext("of a day", "Closed"),
        "other": _("Other hours instead of the usual"),
        "extra": _("Extra hours"),
    }


class SeenForm(PostedForm):
    """A change of something that stands. `seen` is the mark of how it stood when the page was made."""

    seen = HiddenField(validators=[InputRequired(_l("Load the page anew, then change it once more."))])


class HoursRowForm(Form):
    """One line of the weekly hours. A line without day and times is no line."""

    weekday = SelectField(_l("Day"), choices=DAYS)
    opens = ClockField(_l("Opens"), validators=[Optional()])
    closes = ClockField(_l("Closes"), validators=[Optional()])
    place = SelectField(_l("Where"), choices=PLACES)
    valid_from = DayField(_l("From"), validators=[Optional()])
    valid_until = DayField(_l("Until"), validators=[Optional()])
    remove = BooleanField(_l("Remove"))

    @property
    def is_blank(self) -> bool:
        """Whether nobody wrote anything into it."""
        typed = (self.weekday, self.opens, self.closes, self.valid_from, self.valid_until)
        return not any(one.data is not None and one.data != "" for one in typed) and not any(
            one.raw_data and one.raw_data[0] for one in typed if one is not self.weekday
        )

    def validate(self, extra_validators: Any = None) -> bool:
        if self.remove.data or self.is_blank:
            return True
        fine = bool(super().validate(extra_validators))
        for one, words in (
            (self.weekday, _("Choose the day.")),
            (self.opens, _("Say when it opens.")),
            (self.closes, _("Say when it closes.")),
        ):
            if one.data in (None, "") and not one.errors:
                one.errors = [words]
                fine = False
        return fine


class WeekForm(SeenForm):
    """A therapist's weekly hours, a line each."""

    rows = FieldList(FormField(HoursRowForm), min_entries=1, max_entries=MOST_OPENINGS + EMPTY_ROWS)

    def kept(self) -> list[tuple[HoursRowForm, HoursRow]]:
        """The lines that were filled in and are to stay; call once the form is valid."""
        kept = []
        for line in (row.form for row in self.rows):
            opens, closes = line.opens.data, line.closes.data
            if line.remove.data or opens is None or closes is None:
                continue
            row = HoursRow(
                weekday=int(line.weekday.data),
                opens=opens,
                closes=closes,
                place=line.place.data or None,
                valid_from=line.valid_from.data,
                valid_until=line.valid_until.data,
            )
            kept.append((line, row))
        return kept


class DayForm(PostedForm):
    """A date that differs."""

    day = DayField(_l("Date"), validators=[InputRequired(_l("Choose the date."))])
    kind = SelectField(
        _l("On this date"),
        choices=kinds_of_day,
    )
    opens = ClockField(_l("Opens"), description=_l("Empty for a closed day."), validators=[Optional()])
    closes = ClockField(_l("Closes"), validators=[Optional()])
    place = SelectField(_l("Where"), choices=PLACES)

    def asked(self) -> DayRow:
        """What was asked for; call once the form is valid."""
        day: date = self.day.data  # type: ignore[assignment]  # there is one in a valid form
        return DayRow(day, self.kind.data, self.opens.data, self.closes.data, self.place.data or None)


class TimeOffForm(PostedForm):
    """Days off."""

    first_day = DayField(_l("First day off"), validators=[InputRequired(_l("Choose the first day."))])
    last_day = DayField(
        _l("Last day off"), validators=[InputRequired(_l("Choose the last day; the first again for one day."))]
    )


class PreferencesForm(SeenForm):
    """What therapists choose for themselves."""

    holiday_region = SelectField(_l("Public holidays that are days off"))
    packs = BooleanField(
        _l("Keep sessions side by side"),
        description=_l("Times that touch another session are offered first. The only times of a day are never hidden."),
    )

    def asked(self) -> Preferences:
        """What was asked for."""
        return Preferences(self.holiday_region.data or None, bool(self.packs.data))


class DetailsForm(SeenForm):
    """What the practice says of a therapist."""

    zone = StringField(
        _l("Time zone"),
        description=_l("The zone in which their hours are meant. Changing it moves every open hour, but no session."),
        render_kw={"list": "zones", "autocomplete": "off"},
        validators=[InputRequired(_l("Write the time zone, as in America/New_York.")), Length(max=60)],
    )
    languages = StringField(
        _l("Languages"),
        description=_l("With commas between: English, Spanish"),
        validators=[InputRequired(_l("Name at least one language.")), Length(max=400)],
    )
    licence_places = TicksField(_l("Licensed in"), choices=places_of_licence)
    offerings = TicksField(_l("Offers"))
    rooms = TicksField(
        _l("Meets people in"), description=_l("Without a room it is an office of their own, which nobody shares.")
    )

    def asked(self) -> Details:
        """What was asked for."""
        return Details(
            zone=(self.zone.data or "").strip(),
            languages=words_of(self.languages.data or ""),
            licence_places=tuple(self.licence_places.data or ()),
            offerings=tuple(self.offerings.data or ()),
            rooms=tuple(self.rooms.data or ()),
        )


NEEDED = [InputRequired(_l("Write a number."))]


@in_each_language("name")
class OfferingForm(SeenForm):
    """A kind of session."""

    name = StringField(
        _l("Name"), description=_l("Clients read it."), validators=[InputRequired(_l("Give it a name."))]
    )
    attendance = SelectField(
        _l("Who comes"), choices=[SelectChoice("couple", _l("A couple")), SelectChoice("individual", _l("One person"))]
    )
    place = SelectField(_l("Where"), choices=BY_PLACE)
    visit = SelectField(
        _l("For whom"),
        choices=[
            SelectChoice("any", _l("Everybody")),
            SelectChoice("first", _l("Somebody’s first session")),
            SelectChoice("follow_up", _l("Who was here before")),
        ],
    )
    staff_only = BooleanField(_l("Booked by staff alone"), description=_l("Clients don’t see it."))
    therapists = TicksField(_l("Offered by"))
    price = StringField(
        _l("Price"),
        description=_l("As in 160 or 172.50. With 0 there is no charge."),
        render_kw={"inputmode": "decimal"},
        validators=[InputRequired(_l("Write the price; 0 where there is no charge."))],
    )
    session_minutes = WholeField(_l("Length"), description=_l("Minutes."), validators=NEEDED)
    step_minutes = WholeField(
        _l("Step between starts"), description=_l("Minutes: with 30, times begin on the half hour."), validators=NEEDED
    )
    before_minutes = WholeField(_l("Kept free before"), description=_l("Minutes."), validators=NEEDED)
    after_minutes = WholeField(_l("Kept free after"), description=_l("Minutes."), validators=NEEDED)
    notice_hours = WholeField(
        _l("Notice"), description=_l("Hours before the start at which booking ends."), validators=NEEDED
    )
    horizon_days = WholeField(_l("How far ahead"), description=_l("Days."), validators=NEEDED)
    daily_cap = WholeField(_l("Most in a day"), description=_l("For each therapist. Empty for no limit."))
    weekly_cap = WholeField(_l("Most in a week"), description=_l("The same, Monday to Sunday."))
    late_cancel_hours = WholeField(
        _l("Cancelling is free until"),
        description=_l("Hours before the start; after that the whole fee."),
        validators=NEEDED,
    )
    late_waiver = BooleanField(
        _l("A first late cancellation is free"), description=_l("Once for each person who books.")
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def validate_price(self, field: StringField) -> None:
        try:
            read_amount(field.data or "", self.currency)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def asked(self) -> OfferingDetails:
        """What was asked for; call once the form is valid."""
        numbers = {
            name: getattr(self, name).data
            for name in (
                *("session_minutes", "step_minutes", "before_minutes", "after_minutes", "notice_hours"),
                *("horizon_days", "daily_cap", "weekly_cap", "late_cancel_hours"),
            )
        }
        return OfferingDetails(
            name=read_texts(self, "name"),
            attendance=self.attendance.data,
            place=self.place.data,
            visit=self.visit.data,
            staff_only=bool(self.staff_only.data),
            price_minor=read_amount(self.price.data or "", self.currency),
            late_waiver=bool(self.late_waiver.data),
            therapists=tuple(self.therapists.data or ()),
            **numbers,
        )


class RoomForm(SeenForm):
    """A room to meet in."""

    name = StringField(_l("Name"), validators=[InputRequired(_l("Give it a name."))])
    address = StringField(
        _l("Address"),
        description=_l("Clients read it with their session."),
        validators=[InputRequired(_l("Write the address."))],
    )
    seats = WholeField(_l("Seats for clients"), description=_l("A couple needs two."), validators=NEEDED)
    therapists = TicksField(_l("Used by"))

    def asked(self) -> RoomDetails:
        """What was asked for; call once the form is valid."""
        return RoomDetails(
            (self.name.data or "").strip(),
            (self.address.data or "").strip(),
            self.seats.data or 0,
            tuple(self.therapists.data or ()),
        )


def show(form: Form, problems: InvalidOffer, rows: list[HoursRowForm] | None = None) -> None:
    """Put each problem beside the field that it is in."""
    for problem in problems.problems:
        if problem.row is not None and rows is not None:
            field = rows[min(problem.row, len(rows) - 1)][problem.field]
        elif problem.field in form:
            field = form[problem.field]
        else:
            form.form_errors.append(problem.words)
            continue
        field.errors = [*field.errors, problem.words]


def row_errors(form: WeekForm) -> Iterator[tuple[str, str]]:
    """Each problem of the lines: the id of its field, and the words."""
    for row in form.rows:
        for field in row.form:
            for words in field.errors:
                yield field.id, words
