"""The shape of what an owner sends about the whole practice, and about who works there."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length

from practice.booking.offers.therapists import LONGEST_APPROACH, About
from practice.setup.fields import WholeField
from practice.setup.forms import SeenForm
from practice.setup.practice_details import HELP_REGIONS, BookingRules, PracticeDetails, trimmed

ZONES = {"list": "zones", "autocomplete": "off"}


class PracticeForm(SeenForm):
    """What clients read of the practice."""

    name = StringField("Name", validators=[InputRequired("Write what clients call the practice."), Length(max=120)])
    zone = StringField(
        "Time zone",
        description="Of the desk’s hours and of dates on documents. Each therapist has a zone of their own.",
        render_kw=ZONES,
        validators=[InputRequired("Write the time zone, as in America/New_York."), Length(max=60)],
    )
    currency = StringField(
        "Currency",
        description="Its ISO code, as in USD. It can change until something is booked, agreed or paid.",
        render_kw={"autocomplete": "off", "maxlength": 3},
        validators=[InputRequired("Write the three letters of its ISO code, as in USD.")],
    )
    email = EmailField(
        "Email address",
        description="At the foot of every page and letter.",
        validators=[InputRequired("Write an address that people can write to."), Length(max=254)],
    )
    phone = TelField("Phone", validators=[Length(max=40)])
    address = StringField(
        "Postal address", description="Documents carry it, and pages show it.", validators=[Length(max=200)]
    )
    help_region = SelectField(
        "Whose crisis lines",
        choices=HELP_REGIONS,
        description="Shown first to everybody. It also says to what page Leave this page leads.",
    )
    statement_name = StringField(
        "Name on card statements",
        description="What clients are told that their statement usually shows. Set the same in Stripe, under Public "
        "details. Nothing telling: a partner may read it.",
        render_kw={"maxlength": 22},
        validators=[InputRequired("Write what a card statement shows.")],
    )

    def asked(self) -> PracticeDetails:
        """What was asked for."""
        return trimmed(
            PracticeDetails(
                name=self.name.data or "",
                zone=self.zone.data or "",
                currency=(self.currency.data or "").upper(),
                email=self.email.data or "",
                phone=self.phone.data or "",
                address=self.address.data or "",
                help_region=self.help_region.data or "",
                statement_name=self.statement_name.data or "",
            )
        )


class BookingRulesForm(SeenForm):
    """How booking goes, and what is said of it by mail."""

    review_first = BooleanField(
        "Read a new client’s request before their card is charged",
        description="Their card is only authorised until somebody here has said yes.",
    )
    withdrawal_days = WholeField(
        "Right of withdrawal",
        description="Days in which whoever booked and paid can withdraw. Empty where no law says so; in Britain 14.",
    )
    reminder_hours = WholeField(
        "Reminder", description="Hours before a session at which everybody who comes is reminded. Empty for none."
    )
    attended_after_days = WholeField(
        "A session counts as attended after",
        description="Days, where nobody has marked it. Empty: never by itself.",
    )

    def asked(self) -> BookingRules:
        """What was asked for."""
        return BookingRules(
            review_first=bool(self.review_first.data),
            withdrawal_days=self.withdrawal_days.data,
            reminder_hours=self.reminder_hours.data,
            attended_after_days=self.attended_after_days.data,
        )


class AboutForm(SeenForm):
    """Who a therapist is, for clients."""

    name = StringField("Name", validators=[InputRequired("Write their name, as clients read it."), Length(max=120)])
    title = StringField(
        "Title",
        description="As in Couples therapist, LMFT.",
        validators=[InputRequired("Write what they are."), Length(max=120)],
    )
    approach = TextAreaField(
        "About their work",
        description="A few sentences; clients read them before they choose a time.",
        render_kw={"rows": 6, "maxlength": LONGEST_APPROACH},
        validators=[InputRequired("Write a few words about their work."), Length(max=LONGEST_APPROACH)],
    )
    email = EmailField(
        "Email address",
        description="Where letters about their sessions go. Clients don’t see it.",
        validators=[InputRequired("Write where letters about their sessions go."), Length(max=254)],
    )
    join_link = StringField(
        "Video room",
        description="The whole address, beginning with https://. Clients get it with their session.",
        render_kw={"inputmode": "url", "autocomplete": "off"},
        validators=[Length(max=300)],
    )
    office = StringField(
        "Office",
        description="Where they meet people in person, where that is none of the rooms.",
        validators=[Length(max=200)],
    )

    def asked(self) -> About:
        """What was asked for."""
        return About(
            name=(self.name.data or "").strip(),
            title=(self.title.data or "").strip(),
            approach=(self.approach.data or "").strip(),
            email=(self.email.data or "").strip(),
            join_link=(self.join_link.data or "").strip(),
            office=(self.office.data or "").strip(),
        )
