"""What a staff password must be. Offline: nothing of a password is ever asked of anybody else."""

from __future__ import annotations

import re
from threading import Lock

from zxcvbn import zxcvbn
from zxcvbn.matching import RANKED_DICTIONARIES

from practice.speaking import gettext as _

SHORTEST = 12
LONGEST = 128
JUDGED = 32  # of a longer one its beginning is judged: some take a second at this length, and many at four times it
FEWEST_GUESSES = 10**10  # fewer can be tried in a day where a list of hashes was stolen
MOST_LETTERS_BY_CHANCE = 4  # shorter parts of an address may well stand in a good password
TRIED_HERE = (
    "couplestherapy",
    "couples",
    "therapy",
    "practice",
    "desk",
    "correcthorsebatterystaple",
)  # beside what leaked
SIGNS = str.maketrans("013457@$", "oieastas")
LEAKED = RANKED_DICTIONARIES["passwords"]  # the thirty thousand passwords that leaked most often

_one_at_a_time = Lock()  # zxcvbn keeps the words of the practice in a list that all threads share


def problem_with(password: str, *, address: str) -> str | None:
    """What is wrong with this password of the account with this e-mail address, in words; None when it will do.

    Some are slow to judge, up to a second: call it before a work, never inside.
    """
    if len(password) < SHORTEST:
        return _(
            "Use at least %(count)s characters. A few words that only you would put together are easy to keep.",
            count=SHORTEST,
        )
    if len(password) > LONGEST:
        return _("Use at most %(count)s characters.", count=LONGEST)
    own = re.sub("[^a-z]", "", address.casefold().partition("@")[0])
    cores = _cores(password.casefold())
    if any(core in LEAKED for core in cores) or _guesses(password, own) < FEWEST_GUESSES:
        return _("That password is among the first that somebody would try. Put a few unrelated words together.")
    if len(own) > MOST_LETTERS_BY_CHANCE and any(own in core for core in cores):
        return _("Leave your own address out of the password.")
    return None


def _guesses(password: str, own: str) -> int:
    """After how many tries somebody guesses it who knows what others choose, and where it is used."""
    with _one_at_a_time:
        return int(zxcvbn(password[:JUDGED], user_inputs=[*TRIED_HERE, own])["guesses"])


def _cores(plain: str) -> set[str]:
    """The word inside: without digits and signs around it, read as it stands and with signs read as letters."""
    read = plain.translate(SIGNS)
    return {re.sub(r"^[^a-z]+|[^a-z]+$", "", plain), re.sub(r"^[^a-z]+|[^a-z]+$", "", read)}
