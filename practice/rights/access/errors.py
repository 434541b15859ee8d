"""Why an access request stays as it is."""

from __future__ import annotations

from practice.errors import Conflict, Refused
from practice.languages import N_


class MovedMeanwhile(Conflict):
    """It was answered, taken back or looked at by somebody else."""

    title = N_("This request is not as this page shows it")
    way_out = N_("Look at it again; nothing was changed.")


class OpenAlready(Conflict):
    """Another request of the same person waits."""

    title = N_("This person’s request is entered already")
    way_out = N_("Look at it below. Nothing was changed.")


class NoSuchDay(Refused):
    """A day on which no request can have arrived."""

    title = N_("Write the day on which it arrived: today, or at most a year ago")


class TooLate(Refused):
    """Its last day is over, or it was given more time before."""

    title = N_("This request can’t be given more time")
    way_out = N_("Time can be added once, and only before the last day is over.")


class WaitsForReview(Conflict):
    """Somebody asked for the whole record, and a clinician is to review it first."""

    title = N_("They wait for an answer to their request")
    way_out = N_("Review it, and hand it over there. Nothing was given out.")


class NotLookedAt(Refused):
    """Some text that staff wrote was not looked at."""

    title = N_("Something in this record was not looked at")
    way_out = N_("Look at it in the review, save, and come back.")


class OtherThanReviewed(Refused):
    """What was decided doesn't fit what was marked."""

    title = N_("This isn’t what the review says")
