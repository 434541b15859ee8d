"""Passwords and codes are hashed slowly on purpose. Tests that tell of something else don't wait for it."""

from __future__ import annotations

from typing import Any

from argon2 import PasswordHasher

from practice import people
from practice.staff import security_config

OF_CLIENTS = people._hasher
"""How the product hashes the codes of clients."""

OF_STAFF: dict[str, Any] = dict(security_config.SWITCHES["PASSWORD_HASH_PASSLIB_OPTIONS"])
"""How the product hashes the passwords of staff."""


def hash_quickly() -> None:
    """From now on, in this process, hashes are as cheap as the algorithm allows."""
    people._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    security_config.SWITCHES["PASSWORD_HASH_PASSLIB_OPTIONS"].update(argon2__memory_cost=64, argon2__time_cost=1)
