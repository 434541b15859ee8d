"""How a new password becomes what is kept of it. Slow on purpose: before a work, never inside."""

from __future__ import annotations

from flask_security import hash_password

from practice.staff.passwords import problem_with
from practice.work import in_work


class WeakPassword(ValueError):
    """Why it won't do, in words for whoever chose it."""


def hash_new(password: str, *, address: str) -> str:
    """The Argon2id hash of a new password of the account with this e-mail address.

    :raises WeakPassword: when it is too weak.
    :raises RuntimeError: inside a work, which others would wait for meanwhile.
    """
    if in_work():
        raise RuntimeError("a password is judged and hashed before the work that keeps it")
    if problem := problem_with(password, address=address):
        raise WeakPassword(problem)
    return str(hash_password(password))
