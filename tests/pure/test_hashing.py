"""What a stolen table of hashes would cost to guess. Tests hash more cheaply; what the product does is kept here."""

from __future__ import annotations

from argon2 import Type

from tests.support.quick_hashes import OF_CLIENTS, OF_STAFF

OWASP_MEMORY = 19 * 1024  # KiB, with two passes: the first choice of its cheat sheet on storing passwords


def test_codes_of_clients_and_passwords_of_staff_are_hashed_as_slowly_as_owasp_asks():
    assert OF_CLIENTS.type is Type.ID
    assert OF_CLIENTS.memory_cost >= OWASP_MEMORY
    assert OF_CLIENTS.time_cost >= 2
    assert OF_STAFF["argon2__type"] == "ID"
    assert OF_STAFF["argon2__memory_cost"] >= OWASP_MEMORY
    assert OF_STAFF["argon2__time_cost"] >= 2
