"""What a staff password must be. Pure, and offline: nothing of a password is ever asked of anybody else."""

from __future__ import annotations

import re
from itertools import pairwise

SHORTEST = 12
LONGEST = 128
FEWEST_CHARACTERS = 5  # different ones
MOST_LETTERS_BY_CHANCE = 4  # shorter parts of an address may well stand in a good password
SIGNS = str.maketrans("013457@$", "oieastas")

# Long passwords that every list of leaked ones begins with, without the digits and signs that people append.
COMMON = frozenset(
    """
    abcdefghijkl abcdefghijklm abcdefghijklmnop adminadmin adminadminadmin administrator administratoradmin
    asdfasdfasdf asdfghjklasdfghjkl asdfghjkl barcelonabarcelona basketballbasketball changeme changemechangeme
    changemenow changethispassword christopher correcthorsebatterystaple couplestherapy defaultpassword
    dragondragon footballfootball iloveyouiloveyou iloveyousomuch iloveyouforever jenniferjennifer letmein
    letmeinletmein letmeinplease liverpoolliverpool loveyouforever manchesterunited masterpassword michaelmichael
    monkeymonkey
    mypassword mypasswordis mynewpassword newpassword notmypassword passphrase passw passwd passwordpassword password
    passwordone passwort passwortpasswort pleaseletmein princessprincess qazwsxedc qazwsxedcrfv qazwsxedcrfvtgb
    qwerqwerqwer qwertasdfgzxcvb qwerty qwertyqwerty qwertyuiop qwertyuiopasdf qwertyuiopasdfghjkl qwertzuiop
    secretpassword secretsecret sunshinesunshine superman supermansuperman temporarypassword testtesttest testpassword
    thisismypassword thisisapassword trustnoone welcome welcomehome welcometo welcomewelcome zaqxswcde zxcvbnm
    zxcvbnmasdfghjkl zxcvbnmzxcvbnm
    """.split()  # noqa: SIM905 - sixty words read better than sixty strings
)


def problem_with(password: str, *, address: str) -> str | None:
    """What is wrong with this password of the account with this e-mail address, in words; None when it will do."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. A few words that only you would put together are easy to keep."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    plain = password.casefold()
    if len(set(plain)) < FEWEST_CHARACTERS or _is_a_run(plain) or _cores(plain) & COMMON:
        return "That password is among the first that somebody would try. Put a few unrelated words together."
    own = re.sub("[^a-z]", "", address.casefold().partition("@")[0])
    if len(own) > MOST_LETTERS_BY_CHANCE and any(own in core for core in _cores(plain)):
        return "Leave your own address out of the password."
    return None


def _cores(plain: str) -> set[str]:
    """The word inside: without digits and signs around it, read as it stands and with signs read as letters."""
    read = plain.translate(SIGNS)
    return {re.sub(r"^[^a-z]+|[^a-z]+$", "", plain), re.sub(r"^[^a-z]+|[^a-z]+$", "", read)}


def _is_a_run(plain: str) -> bool:
    """Whether each character is the next one (or the one before), as in 123456789012."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps <= {1, -9} or steps <= {-1, 9}
