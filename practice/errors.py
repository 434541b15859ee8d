"""What can go wrong in ways that a visitor should hear of, each with its HTTP status and its way out.

Title and way out are English, marked for the catalogues; an explanation is in the language of the answer already.
"""

from __future__ import annotations

from practice.languages import N_


class PracticeError(Exception):
    """A refusal with words for the person who meets it. Nothing was changed."""

    status = 400
    title = N_("That did not work")
    way_out = N_("Go back and try once more.")
    retry_after: int | None = None  # seconds

    def __init__(self, explanation: str | None = None) -> None:
        super().__init__(explanation or self.title)
        self.explanation = explanation


class NotFound(PracticeError):
    """Nothing there, or nothing that this visitor may see: the two look alike."""

    status = 404
    title = N_("This page isn’t here")
    way_out = N_("Check the address, or start from the front page.")


class Gone(PracticeError):
    """A link that was used, has run out or was withdrawn."""

    status = 410
    title = N_("This link no longer works")
    way_out = N_("Ask for a new link from the Schedule a session page.")


class Conflict(PracticeError):
    """Somebody or something was there first."""

    status = 409
    title = N_("Something changed meanwhile")
    way_out = N_("Look at the page again; nothing was changed.")


class Refused(PracticeError):
    """A rule of the practice says no."""

    status = 422
    title = N_("That isn’t possible")


class Contended(PracticeError):
    """The database is busy with the same rows. The same request will most likely succeed in a moment."""

    status = 503
    title = N_("We are busy for a moment")
    way_out = N_("Nothing was lost or changed. Try the same again in a few seconds.")
    retry_after = 2


class Unavailable(PracticeError):
    """Something that we rely on does not answer."""

    status = 503
    title = N_("We can’t do this right now")
    way_out = N_("Nothing was changed. Please try again in a few minutes.")
    retry_after = 60
