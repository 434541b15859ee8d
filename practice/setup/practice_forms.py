"""The shape of what an owner sends about the whole practice, and about who works there."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import InputRequired, Length

from practice.booking.offers.therapists import LONGEST_APPROACH, About
from practice.own_word_forms import in_each_language, read_texts
from practice.regions import countries_in
from practice.setup.fields import WholeField
from practice.setup.forms import SeenForm
from practice.setup.practice_details import BookingRules, PracticeDetails, trimmed
from practice.speaking import current_language
from practice.speaking import lazy_gettext as _l

ZONES = {"list": "zones", "autocomplete": "off"}


class PracticeForm(SeenForm):
    """What clients read of the practice."""

    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Write what clients call the practice.")), Length(max=120)]
    )
    zone = StringField(
        _l("Time zone"),
        description=_l("Of the desk’s hours and of dates on documents. Each therapist has a zone of their own."),
        render_kw=ZONES,
        validators=[InputRequired(_l("Write the time zone, as in America/New_York.")), Length(max=60)],
    )
    currency = StringField(
        _l("Currency"),
        description=_l("Its ISO code, as in USD. It can change until something is booked, agreed or paid."),
        render_kw={"autocomplete": "off", "maxlength": 3},
        validators=[InputRequired(_l("Write the three letters of its ISO code, as in USD."))],
    )
    email = EmailField(
        _l("Email address"),
        description=_l("At the foot of every page and letter."),
        validators=[InputRequired(_l("Write an address that people can write to.")), Length(max=254)],
    )
    phone = TelField(_l("Phone"), validators=[Length(max=40)])
    address = StringField(
        _l("Postal address"), description=_l("Documents carry it, and pages show it."), validators=[Length(max=200)]
    )
    help_region = SelectField(
        _l("Whose crisis lines"),
        choices=lambda: dict(countries_in(current_language())),
        description=_l("Shown first to everybody. It also says to what page Leave this page leads."),
    )
    statement_name = StringField(
        _l("Name on card statements"),
        description=_l(
            "What clients are told that their statement usually shows. Set the same in Stripe, under Public "
            "details. Nothing telling: a partner may read it."
        ),
        render_kw={"maxlength": 22},
        validators=[InputRequired(_l("Write what a card statement shows."))],
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
        _l("Read a new client’s request before their card is charged"),
        description=_l("Their card is only authorized until somebody here has said yes."),
    )
    withdrawal_days = WholeField(
        _l("Right of withdrawal"),
        description=_l(
            "Days in which whoever booked and paid can withdraw. Empty where no law says so; in Britain 14."
        ),
    )
    reminder_hours = WholeField(
        _l("Reminder"),
        description=_l("Hours before a session at which everybody who comes is reminded. Empty for none."),
    )
    attended_after_days = WholeField(
        _l("A session counts as attended after"),
        description=_l("Days, where nobody has marked it. Empty: never by itself."),
    )

    def asked(self) -> BookingRules:
        """What was asked for."""
        return BookingRules(
            review_first=bool(self.review_first.data),
            withdrawal_days=self.withdrawal_days.data,
            reminder_hours=self.reminder_hours.data,
            attended_after_days=self.attended_after_days.data,
        )


@in_each_language("title", "approach")
class AboutForm(SeenForm):
    """Who a therapist is, for clients."""

    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Write their name, as clients read it.")), Length(max=120)]
    )
    title = StringField(
        _l("Title"),
        description=_l("As in Couples therapist, LMFT."),
        validators=[InputRequired(_l("Write what they are.")), Length(max=120)],
    )
    approach = TextAreaField(
        _l("About their work"),
        description=_l("A few sentences; clients read them before they choose a time."),
        render_kw={"rows": 6, "maxlength": LONGEST_APPROACH},
        validators=[InputRequired(_l("Write a few words about their work.")), Length(max=LONGEST_APPROACH)],
    )
    email = EmailField(
        _l("Email address"),
        description=_l("Where letters about their sessions go. Clients don’t see it."),
        validators=[InputRequired(_l("Write where letters about their sessions go.")), Length(max=254)],
    )
    join_link = StringField(
        _l("Video room"),
        description=_l("The whole address, beginning with https://. Clients get it with their session."),
        render_kw={"inputmode": "url", "autocomplete": "off"},
        validators=[Length(max=300)],
    )
    office = StringField(
        _l("Office"),
        description=_l("Where they meet people in person, where that is none of the rooms."),
        validators=[Length(max=200)],
    )

    def asked(self) -> About:
        """What was asked for."""
        return About(
            name=(self.name.data or "").strip(),
            title=read_texts(self, "title"),
            approach=read_texts(self, "approach"),
            email=(self.email.data or "").strip(),
            join_link=(self.join_link.data or "").strip(),
            office=(self.office.data or "").strip(),
        )
