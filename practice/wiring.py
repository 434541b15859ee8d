"""Where the rooms meet: which gateways the practice uses, which pages it has, who handles which message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import Blueprint

from practice import invariants
from practice.billing import handlers as billing_handlers
from practice.billing.invariants import OWN as BILLING_INVARIANTS
from practice.billing.routes import bp as billing_pages
from practice.billing.staff_pages import bp as staff_document_pages
from practice.booking import handlers as booking_handlers
from practice.booking import messages as booking
from practice.booking.busy.invariants import check_collisions_are_noticed
from practice.booking.busy.messages import SessionCollides
from practice.booking.coming_first import Gate
from practice.booking.fresh_look import Look
from practice.booking.moving_routes import bp as moving_pages
from practice.booking.routes import bp as booking_pages
from practice.booking.waiting.routes import bp as waiting_pages
from practice.calendars import handlers as calendar_handlers
from practice.calendars.caldav import handlers as caldav_handlers
from practice.calendars.caldav import messages as caldav_messages
from practice.calendars.caldav import source as account_calendars
from practice.calendars.caldav.gateway import CaldavServers
from practice.calendars.caldav.invariants import OWN as CALDAV_INVARIANTS
from practice.calendars.caldav.routes import bp as calendar_account_pages
from practice.calendars.caldav.servers import CalendarServers
from practice.calendars.invariants import check_feeds_follow
from practice.calendars.reading import handlers as reading_handlers
from practice.calendars.reading import messages as reading
from practice.calendars.reading import subscriptions
from practice.calendars.reading.fresh import look_again
from practice.calendars.reading.invariants import OWN as READING_INVARIANTS
from practice.calendars.reading.routes import bp as busy_calendar_pages
from practice.calendars.reading.sources import Sources
from practice.calendars.routes import bp as calendar_pages
from practice.clearing import handlers as clearing_handlers
from practice.clearing import invariants as clearing_invariants
from practice.clock import Clock, SystemClock
from practice.consents import invariants as consent_invariants
from practice.consents.messages import ConsentTakenBack
from practice.consents.routes import bp as consent_pages
from practice.design.routes import bp as design_pages
from practice.intake import handlers as intake_handlers
from practice.intake import invariants as intake_invariants
from practice.intake import messages as intake
from practice.intake.agree_routes import bp as agree_pages
from practice.intake.agreeing import gate
from practice.intake.correct_routes import bp as correct_pages
from practice.intake.more_routes import bp as more_pages
from practice.intake.return_code_routes import bp as return_code_pages
from practice.intake.routes import bp as intake_pages
from practice.intake.stop_routes import bp as stop_pages
from practice.notify import calendar_handlers as calendar_letters
from practice.notify import handlers as notify_handlers
from practice.notify.current_mailer import CurrentMailer
from practice.notify.invariants import (
    check_companions_are_told,
    check_estimates_are_told,
    check_everybody_is_told,
)
from practice.notify.mailer import Mailer, SmtpMailer
from practice.notify.messages import SendLetter, SendSample
from practice.notify.sample_handlers import on_send_sample
from practice.numbers.routes import bp as number_pages
from practice.opening.connection_pages import bp as connection_pages
from practice.opening.first_run_pages import bp as first_run_pages
from practice.opening.health_pages import bp as health_pages
from practice.opening.list_pages import bp as opening_pages
from practice.opening.list_pages import what_is_left
from practice.outbox import Handlers
from practice.papers import handlers as paper_handlers
from practice.papers import invariants as paper_invariants
from practice.papers.messages import EstimateMade
from practice.partners import handlers as partner_handlers
from practice.partners import messages as partners
from practice.partners.invariants import OWN as PARTNER_INVARIANTS
from practice.partners.joining_routes import bp as joining_pages
from practice.partners.routes import bp as partner_pages
from practice.payments import handlers as payment_handlers
from practice.payments import invariants as payment_invariants
from practice.payments import messages as payments
from practice.payments.current_stripe import CurrentStripe
from practice.payments.fees import handlers as fee_handlers
from practice.payments.fees import messages as fees
from practice.payments.fees.invariants import OWN as FEE_INVARIANTS
from practice.payments.fees.routes import bp as fee_pages
from practice.payments.gateway import PaymentGateway
from practice.payments.routes import bp as payment_pages
from practice.portal.contact_pages import bp as contact_pages
from practice.portal.routes import bp as portal_pages
from practice.pulse import handlers as pulse_handlers
from practice.pulse import messages as pulse
from practice.pulse.invariants import OWN as PULSE_INVARIANTS
from practice.pulse.routes import bp as pulse_pages
from practice.reminding import handlers as reminding_handlers
from practice.reminding import messages as reminding
from practice.reminding.invariants import OWN as REMINDING_INVARIANTS
from practice.reminding.routes import bp as reminding_pages
from practice.review import handlers as review_handlers
from practice.review.answered import what_came_back
from practice.review.couple_pages import bp as couple_pages
from practice.review.duty_pages import bp as duty_pages
from practice.review.given_away import what_was_given_away
from practice.review.glass_showing import what_was_opened
from practice.review.invariants import OWN as REVIEW_INVARIANTS
from practice.review.messages import LookDue
from practice.review.note_pages import bp as note_pages
from practice.review.note_pages import what_is_unsigned
from practice.review.referral_pages import bp as referral_pages
from practice.review.request_pages import bp as request_pages
from practice.review.routes import bp as review_pages
from practice.rights import handlers as rights_handlers
from practice.rights.access import handlers as access_handlers
from practice.rights.access.invariants import OWN as ACCESS_INVARIANTS
from practice.rights.access.messages import AccessDue
from practice.rights.access.routes import bp as access_pages
from practice.rights.invariants import OWN as RIGHTS_INVARIANTS
from practice.rights.retention_pages import bp as retention_pages
from practice.rights.routes import bp as rights_pages
from practice.rights.staff_pages import bp as rights_desk_pages
from practice.rights.waiting import what_waits
from practice.schedule.collisions import what_collides
from practice.schedule.failing_calendars import which_fail
from practice.schedule.outside import what_was_done_outside
from practice.schedule.routes import bp as schedule_pages
from practice.sealing import Keyring
from practice.settings import Settings, UnsafeSettings
from practice.setup.agreements import bp as agreement_pages
from practice.setup.catalogue import bp as catalogue_pages
from practice.setup.desk import bp as desk_pages
from practice.setup.letter_pages import bp as letter_pages
from practice.setup.letter_pages import what_cant_be_said
from practice.setup.lines import bp as line_pages
from practice.setup.own_site_pages import bp as own_site_pages
from practice.setup.practice_pages import bp as practice_pages
from practice.setup.question_editions import bp as edition_pages
from practice.setup.questions import bp as question_pages
from practice.setup.registrations import bp as registration_pages
from practice.setup.routes import bp as setup_pages
from practice.setup.therapist_pages import bp as therapist_pages
from practice.site.embed_routes import bp as embed_pages
from practice.site.routes import bp as site_pages
from practice.staff import audit_checking
from practice.staff.audit_checking import what_is_broken
from practice.staff.audit_messages import CheckAudit
from practice.staff.audit_pages import bp as audit_pages
from practice.staff.duty import handlers as duty_handlers
from practice.staff.duty.invariants import OWN as DUTY_INVARIANTS
from practice.staff.duty.messages import NoticeDue
from practice.staff.noticing import Noticing
from practice.staff.passkeys.routes import bp as passkey_pages
from practice.staff.people.messages import ColleagueInvited
from practice.staff.people.routes import bp as people_pages
from practice.staff.routes import bp as staff_pages
from practice.till.fee_pages import bp as fee_desk_pages
from practice.till.price_pages import bp as price_pages
from practice.till.routes import bp as till_pages
from practice.till.tax_pages import bp as tax_pages


@dataclass(frozen=True)
class Gateways:
    """The outside world, each part behind a protocol of ours."""

    clock: Clock
    keyring: Keyring
    mail: Mailer
    payments: PaymentGateway
    calendars: CalendarServers = field(default_factory=CaldavServers)


def real_gateways(settings: Settings) -> Gateways:
    """The gateways that these settings describe."""
    return Gateways(
        clock=SystemClock(),
        keyring=Keyring.load(settings.keys_file),
        mail=_mailer(settings),
        payments=cast(PaymentGateway, CurrentStripe(settings.stripe_api_base)),
    )


def _mailer(settings: Settings) -> Mailer:
    """It takes server and sender from the practice's page where the settings don't name them.

    :raises UnsafeSettings: where they name some that can't be read.
    """
    try:
        SmtpMailer(settings.smtp_url or "smtp://localhost", settings.mail_from or "desk@localhost")
    except ValueError as error:
        raise UnsafeSettings([str(error)]) from None
    return CurrentMailer()


PAGES: tuple[Blueprint, ...] = (
    billing_pages,
    staff_document_pages,
    booking_pages,
    moving_pages,
    waiting_pages,
    calendar_pages,
    calendar_account_pages,
    busy_calendar_pages,
    consent_pages,
    agree_pages,
    intake_pages,
    more_pages,
    correct_pages,
    return_code_pages,
    stop_pages,
    partner_pages,
    joining_pages,
    payment_pages,
    fee_pages,
    portal_pages,
    contact_pages,
    pulse_pages,
    reminding_pages,
    review_pages,
    referral_pages,
    request_pages,
    duty_pages,
    couple_pages,
    note_pages,
    rights_pages,
    access_pages,
    rights_desk_pages,
    schedule_pages,
    agreement_pages,
    catalogue_pages,
    question_pages,
    edition_pages,
    desk_pages,
    line_pages,
    letter_pages,
    registration_pages,
    setup_pages,
    own_site_pages,
    practice_pages,
    therapist_pages,
    connection_pages,
    health_pages,
    first_run_pages,
    opening_pages,
    retention_pages,
    site_pages,
    embed_pages,
    audit_pages,
    staff_pages,
    passkey_pages,
    people_pages,
    price_pages,
    tax_pages,
    fee_desk_pages,
    till_pages,
    number_pages,
    design_pages,
)

HANDLERS: Handlers = {
    booking.CheckoutDeadline: (payment_handlers.on_checkout_deadline,),
    booking.BookingReleasing: (payment_handlers.on_booking_releasing,),
    booking.BookingConfirmed: (
        booking_handlers.on_booking_stands,
        calendar_handlers.on_booking_confirmed,
        caldav_handlers.on_booking_confirmed,
        reminding_handlers.on_booking_confirmed,
        notify_handlers.on_booking_confirmed,
    ),
    booking.BookingCancelled: (
        calendar_handlers.on_booking_cancelled,
        caldav_handlers.on_booking_cancelled,
        notify_handlers.on_booking_cancelled,
        payment_handlers.on_booking_cancelled,
    ),
    booking.BookingMoved: (
        booking_handlers.on_booking_stands,
        calendar_handlers.on_booking_moved,
        caldav_handlers.on_booking_moved,
        reminding_handlers.on_booking_moved,
        notify_handlers.on_booking_moved,
        paper_handlers.on_booking_moved,
    ),
    SessionCollides: (calendar_letters.on_session_collides,),
    caldav_messages.PushSession: (caldav_handlers.on_push_session,),
    caldav_messages.LookAtCalendar: (caldav_handlers.on_look_at_calendar,),
    caldav_messages.WatchCalendar: (caldav_handlers.on_watch_calendar,),
    caldav_messages.LeaveAccount: (caldav_handlers.on_leave_account,),
    caldav_messages.AccountStopped: (calendar_letters.on_account_stopped,),
    caldav_messages.QuestionOpened: (calendar_letters.on_question_opened,),
    ConsentTakenBack: (notify_handlers.on_consent_taken_back,),
    booking.CameAfterAll: (fee_handlers.on_came_after_all,),
    booking.BookingExpired: (notify_handlers.on_booking_expired,),
    booking.TimeReserved: (notify_handlers.on_time_reserved, paper_handlers.on_time_kept),
    booking.TimeOffered: (notify_handlers.on_time_offered, paper_handlers.on_time_kept),
    booking.PlaceOpened: (notify_handlers.on_place_opened,),
    booking.AttendanceSweep: (
        booking_handlers.on_attendance_sweep,
        reminding_handlers.on_night,
        pulse_handlers.on_night,
        caldav_handlers.on_night,
        reading_handlers.on_night,
        audit_checking.on_night,
    ),
    booking.ReviewBegun: (payment_handlers.on_review_begun, notify_handlers.on_review_begun),
    booking.ReviewEnded: (
        payment_handlers.on_review_ended,
        notify_handlers.on_review_ended,
        paper_handlers.on_review_ended,
    ),
    intake.IntakeSubmitted: (notify_handlers.on_intake_submitted, review_handlers.on_intake_submitted),
    intake.IntakeCompleted: (notify_handlers.on_intake_completed, review_handlers.on_intake_completed),
    intake.IntakeCorrected: (review_handlers.on_intake_corrected, partner_handlers.on_intake_corrected),
    intake.PersonForgotten: (
        partner_handlers.on_person_forgotten,
        clearing_handlers.on_person_forgotten,
        pulse_handlers.on_person_forgotten,
        reminding_handlers.on_person_forgotten,
        duty_handlers.on_person_forgotten,
        review_handlers.on_person_forgotten,
        access_handlers.on_person_forgotten,
        notify_handlers.on_person_forgotten,
    ),
    intake.RetentionSweep: (
        intake_handlers.on_retention_sweep,
        partner_handlers.on_retention_sweep,
        rights_handlers.on_retention_sweep,
        review_handlers.on_retention_sweep,
        access_handlers.on_retention_sweep,
    ),
    intake.ReturnLinkAsked: (intake_handlers.on_return_link_asked,),
    intake.SendReturnLink: (notify_handlers.on_send_return_link,),
    ColleagueInvited: (notify_handlers.on_colleague_invited,),
    partners.SendInvitation: (notify_handlers.on_send_invitation,),
    partners.PartnerJoined: (notify_handlers.on_partner_joined,),
    partners.PartnerLeft: (notify_handlers.on_partner_left,),
    fees.ChargeCard: (fee_handlers.on_charge_card,),
    fees.FeeAsked: (notify_handlers.on_fee_asked,),
    fees.FeeDropped: (fee_handlers.on_fee_dropped,),
    fees.FeePaid: (notify_handlers.on_fee_paid,),
    fees.ForgetCard: (fee_handlers.on_forget_card,),
    payments.AuthorisationReleased: (notify_handlers.on_authorisation_released,),
    payments.CapturePayment: (payment_handlers.on_capture_payment,),
    payments.ReviewOver: (payment_handlers.on_review_over,),
    payments.ReviewRunsOut: (notify_handlers.on_review_runs_out,),
    payments.VoidPayment: (payment_handlers.on_void_payment,),
    payments.FollowDispute: (payment_handlers.on_follow_dispute,),
    payments.MoneyWaits: (notify_handlers.on_money_waits,),
    payments.FollowRefund: (payment_handlers.on_follow_refund,),
    payments.PaymentReturned: (notify_handlers.on_payment_returned,),
    payments.RefundPromised: (notify_handlers.on_refund_promised,),
    payments.ReadMovements: (payment_handlers.on_read_movements,),
    payments.Reconcile: (payment_handlers.on_reconcile,),
    payments.SendRefund: (payment_handlers.on_send_refund, billing_handlers.on_send_refund),
    payments.SettleAttempt: (payment_handlers.on_settle_attempt,),
    pulse.CallWished: (notify_handlers.on_call_wished,),
    pulse.PulseDue: (pulse_handlers.on_pulse_due,),
    pulse.PulseOpened: (notify_handlers.on_pulse_opened,),
    reminding.AppointmentNear: (notify_handlers.on_appointment_near,),
    reminding.LettersWanted: (pulse_handlers.on_letters_wanted,),
    reminding.PartMissing: (notify_handlers.on_part_missing,),
    EstimateMade: (notify_handlers.on_estimate_made,),
    SendLetter: (notify_handlers.on_send_letter,),
    SendSample: (on_send_sample,),
    intake.UrgentIntake: (notify_handlers.on_urgent_intake,),
    LookDue: (review_handlers.on_look_due,),
    NoticeDue: (notify_handlers.on_notice_due,),
    AccessDue: (access_handlers.on_access_due,),
    reading.PollCalendar: (reading_handlers.on_poll_calendar,),
    CheckAudit: (audit_checking.on_check_audit,),
    reading.CalendarFails: (calendar_letters.on_calendar_fails,),
}

BEFORE_A_YES: tuple[Gate, ...] = (gate,)
"""What comes before a client's yes to a time without charge; the payment page asks for itself."""

CALENDAR_SOURCES: Sources = {
    subscriptions.KIND: subscriptions.Subscriptions(),
    account_calendars.KIND: account_calendars.AccountCalendars(),
}
"""Where therapists' own calendars are read from, by the kind that a calendar's Reading names."""

BEFORE_A_HOLD: tuple[Look, ...] = (look_again,)
"""Who looks at therapists' own calendars once more before a time is taken."""

TODAY: tuple[Noticing, ...] = (
    what_is_left,
    what_came_back,
    what_waits,
    what_is_unsigned,
    what_collides,
    which_fail,
    what_was_done_outside,
    what_was_opened,
    what_was_given_away,
    what_cant_be_said,
    what_is_broken,
)
"""What rooms above the desk have to say on its page Today."""

INVARIANTS = (
    *invariants.OWN,
    invariants.Invariant(
        "I5", "Of each session that meets a busy time its therapist hears", check_collisions_are_noticed
    ),
    *intake_invariants.OWN,
    invariants.Invariant(
        "I10", "Every version of every document is kept as it was hashed", consent_invariants.texts_are_as_hashed
    ),
    invariants.Invariant(
        "I10",
        "Every version of every document is there in English, and is asked alike in each language",
        consent_invariants.languages_agree,
    ),
    invariants.Invariant(
        "I10", "Every consent names the kept text of its version", consent_invariants.consents_name_their_text
    ),
    invariants.Invariant("I10", "Letters go to whoever agreed to them", consent_invariants.letters_follow),
    *PARTNER_INVARIANTS,
    *clearing_invariants.OWN,
    *payment_invariants.OWN,
    *FEE_INVARIANTS,
    *paper_invariants.OWN,
    *BILLING_INVARIANTS,
    *DUTY_INVARIANTS,
    *REVIEW_INVARIANTS,
    *REMINDING_INVARIANTS,
    *PULSE_INVARIANTS,
    *RIGHTS_INVARIANTS,
    *ACCESS_INVARIANTS,
    invariants.Invariant(
        "I5", "Whoever should hear of a booking has a letter, sent or on its way", check_everybody_is_told
    ),
    invariants.Invariant(
        "I5", "Whoever comes to a session without having booked it has a letter too", check_companions_are_told
    ),
    invariants.Invariant("I5", "Of every estimate there is a letter, sent or on its way", check_estimates_are_told),
    *READING_INVARIANTS,
    invariants.Invariant("I8", "Every feed shows each session once, as it stands", check_feeds_follow),
    *CALDAV_INVARIANTS,
)
