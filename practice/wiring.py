"""Where the rooms meet: which gateways the practice uses, which pages it has, who handles which message."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from practice import invariants
from practice.booking import messages as booking
from practice.booking.routes import bp as booking_pages
from practice.clock import Clock, SystemClock
from practice.intake import handlers as intake_handlers
from practice.intake import messages as intake
from practice.intake.routes import bp as intake_pages
from practice.outbox import Handlers
from practice.sealing import Keyring
from practice.settings import Settings


@dataclass(frozen=True)
class Gateways:
    """The outside world, each part behind a protocol of ours."""

    clock: Clock
    keyring: Keyring


def real_gateways(settings: Settings) -> Gateways:
    """The gateways that these settings describe."""
    return Gateways(clock=SystemClock(), keyring=Keyring.load(settings.keys_file))


PAGES: tuple[Blueprint, ...] = (booking_pages, intake_pages)

HANDLERS: Handlers = {
    booking.CheckoutDeadline: (),
    booking.BookingReleasing: (),
    booking.BookingConfirmed: (),
    booking.BookingCancelled: (),
    booking.BookingExpired: (),
    intake.IntakeSubmitted: (),
    intake.RetentionSweep: (intake_handlers.on_retention_sweep,),
    intake.ReturnLinkAsked: (intake_handlers.on_return_link_asked,),
    intake.SendReturnLink: (),
    intake.UrgentIntake: (),
}

INVARIANTS = (*invariants.OWN,)
