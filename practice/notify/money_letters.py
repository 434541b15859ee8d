"""The words of letters about money that was charged, asked for or given back. Pure, as letters.py, and as neutral."""

from __future__ import annotations

from practice.notify.catalogue import ENGLISH, Voice
from practice.notify.letters import Letter, write


def payment_returned(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: they paid after the time was given to somebody else, or when it couldn't be booked any more."""
    return write(voice, "payment_returned", {"when": when}, address)


def second_payment_returned(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: they paid twice; the appointment stands, and the second payment goes back."""
    return write(voice, "second_payment_returned", {"when": when}, address)


def given_back(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: staff give some or all of a payment back. How much stands on their page."""
    return write(voice, "given_back", {"when": when}, address)


def fee_paid(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: a fee that they had agreed to was charged. How much, and what for, stands on their page."""
    return write(voice, "fee_paid", {"when": when}, address)


def fee_asked(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: a fee waits to be paid by themselves, since their bank wants to hear it from them."""
    return write(voice, "fee_asked", {"when": when}, address)


def authorisation_released(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: their card was authorised when the time could not be booked any more. Nothing is taken."""
    return write(voice, "authorisation_released", {"when": when}, address)
