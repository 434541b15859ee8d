"""The words of letters about money that was charged, asked for or given back. Pure, as letters.py, and as neutral."""

from __future__ import annotations

from practice.notify.letters import KEPT_SHORT, Letter, Link


def payment_returned(*, when: str, address: str) -> Letter:
    """To the client: they paid after the time was given to somebody else, or when it couldn't be booked any more."""
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            f"Your payment for {when} reached us when that time was no longer kept for you, so it is not booked.",
            "All of it goes back to the card that paid. Banks take five to ten days.",
            "Nothing has to be filled in again: choose another time from your page. It asks for the code that you "
            "chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def second_payment_returned(*, when: str, address: str) -> Letter:
    """To the client: they paid twice; the appointment stands, and the second payment goes back."""
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"A second payment reached us for your appointment on {when}.",
            "All of it goes back to the card that paid. Banks take five to ten days. Your appointment stands.",
            "Your page asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your appointment", address),
    )


def given_back(*, when: str, address: str) -> Letter:
    """To the client: staff give some or all of a payment back. How much stands on their page."""
    return Letter(
        subject="About your appointment",
        paragraphs=(
            f"Money that you paid for {when} goes back to the card that paid. Banks take five to ten days.",
            "How much it is stands on your page. It asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def fee_paid(*, when: str, address: str) -> Letter:
    """To the client: a fee that they had agreed to was charged. How much, and what for, stands on their page."""
    return Letter(
        subject="About your appointment",
        paragraphs=(
            f"Something about {when} was charged to your card, as you agreed.",
            "What it is for and how much stands on your page. It asks for the code that you chose.",
            "If it should not have been, for whatever reason, call us or answer this letter. You need not explain.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def fee_asked(*, when: str, address: str) -> Letter:
    """To the client: a fee waits to be paid by themselves, since their bank wants to hear it from them."""
    return Letter(
        subject="About your appointment",
        paragraphs=(
            f"Something about {when} waits for you on your page. It asks for the code that you chose.",
            "If it should not be so, for whatever reason, call us or answer this letter. You need not explain.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def authorisation_released(*, when: str, address: str) -> Letter:
    """To the client: their card was authorised when the time could not be booked any more. Nothing is taken."""
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            f"Your card was authorised when the time on {when} was no longer kept for you.",
            "Nothing is charged. What your card had set aside is given up; banks show that within a few days.",
            "You can choose another time from your page. It asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )
