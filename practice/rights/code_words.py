"""The codes of a record in its reader’s words, for a page; the file for programs has the codes."""

from __future__ import annotations

from functools import lru_cache

from practice.intake.lanes import LANES
from practice.papers.kinds import TITLES
from practice.speaking import current_language, gettext, pgettext


def in_words(said: object, column: str) -> object:
    """What a cell of this column shows; whatever is no code of it stays as it is."""
    return _codes(current_language()).get(column, {}).get(said, said) if isinstance(said, str) else said


@lru_cache
def _codes(_language: str) -> dict[str, dict[str, str]]:
    """By column and code; to be called while that language is spoken."""
    return {
        "by": {
            "themselves": pgettext("by whom", "themselves"),
            "the practice": pgettext("by whom", "the practice"),
        },
        "step": {
            "take": pgettext("step", "review began"),
            "ask": pgettext("step", "something was asked"),
            "answer": pgettext("step", "answered"),
            "take_back": pgettext("step", "what was asked was taken back"),
            "offer_call": pgettext("step", "a call was offered"),
            "called": pgettext("step", "the call took place"),
            "accept": pgettext("step", "accepted"),
            "refer_out": pgettext("step", "others were recommended"),
            "decline": pgettext("step", "not accepted"),
            "withdraw": pgettext("step", "the request was taken back"),
        },
        "state": {
            **_states_of_appointments(),
            **_states_of_money(),
            **_states_of_requests(),
        },
        "lane": _lanes(),
        "before_lane": _lanes(),
        "kind": {
            **{kind.value: gettext(title) for kind, title in TITLES.items()},
            "late": pgettext("kind of fee", "for cancelling late"),
            "missed": pgettext("kind of fee", "for not coming"),
        },
        "purpose": {
            "return": pgettext("purpose of a link", "to come back to the page"),
            "stop": pgettext("purpose of a link", "to get no more letters"),
        },
        "way": {
            "mail": pgettext("way", "by mail"),
            "code": pgettext("way", "with a code"),
            "page": pgettext("way", "on the page"),
            "letter": pgettext("way", "by letter or email"),
            "phone": pgettext("way", "by phone or in person"),
        },
        "method": {
            "page": pgettext("way", "on the page"),
            "paper": pgettext("way", "on paper"),
        },
        "topic": {
            "near": pgettext("topic of letters", "reminders of an appointment"),
            "missing": pgettext("topic of letters", "what is still to do"),
            "pulse": pgettext("topic of letters", "the short page"),
        },
        "outcome": {
            "whole": pgettext("outcome", "all of it"),
            "parts": pgettext("outcome", "with parts left out"),
            "nothing": pgettext("outcome", "nothing"),
        },
    }


def _lanes() -> dict[str, str]:
    return {lane: gettext(said) for lane, said in LANES.items()}


def _states_of_appointments() -> dict[str, str]:
    return {
        "reserved": pgettext("state", "kept by the practice"),
        "held": pgettext("state", "kept while it is paid"),
        "releasing": pgettext("state", "being released"),
        "expired": pgettext("state", "expired"),
        "in_review": pgettext("state", "in review"),
        "confirmed": pgettext("state", "confirmed"),
        "cancelled": pgettext("state", "cancelled"),
        "declined": pgettext("state", "not accepted"),
        "attended": pgettext("state", "took place"),
        "missed": pgettext("state", "missed"),
        "waiting": pgettext("state", "waiting"),
        "offered": pgettext("state", "a time is offered"),
        "fulfilled": pgettext("state", "fulfilled"),
        "withdrawn": pgettext("state", "withdrawn"),
        "run_out": pgettext("state", "run out"),
        "place": pgettext("state", "until we are licensed there"),
    }


def _states_of_money() -> dict[str, str]:
    return {
        "authorised": pgettext("state", "authorized"),
        "paid": pgettext("state", "paid"),
        "charging": pgettext("state", "being charged"),
        "questioned": pgettext("state", "being looked into"),
        "dropped": pgettext("state", "not charged"),
    }


def _states_of_requests() -> dict[str, str]:
    return {
        "asked": pgettext("state", "asked"),
        "erased": pgettext("state", "erased"),
        "refused": pgettext("state", "refused"),
        "taken_back": pgettext("state", "taken back"),
        "checked": pgettext("state", "we know who asks"),
        "handed_over": pgettext("state", "handed over"),
    }
