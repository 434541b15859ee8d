"""References that identify, and tokens that authorise. Neither says anything about what it stands for."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without look-alikes, since references are read out on the phone
REFERENCE_LENGTH = 14  # 31^14, about 69 bits: not to be guessed, and a guess would still authorise nothing


def reference(prefix: str) -> str:
    """A new unguessable reference, as in `b_7k2m…`."""
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(REFERENCE_LENGTH))


def new_token() -> str:
    """A new 256-bit secret for a link or a cookie; only its hash is ever stored."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token: 32 bytes."""
    return hashlib.sha256(token.encode()).digest()
