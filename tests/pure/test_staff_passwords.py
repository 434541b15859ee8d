"""Which passwords staff may have."""

from __future__ import annotations

import pytest

from practice.staff import passwords
from practice.staff.passwords import problem_with

ADDRESS = "marigold@practice.example"


@pytest.mark.parametrize(
    "good",
    [
        "four quiet brown geese",
        "lantern-house-demo",
        "Kx9$vv2#Lq!8",
        "äöü straße wiese",
        "geese of brown lanterns " * 5,
    ],
)
def test_a_long_password_of_ones_own_will_do(good: str) -> None:
    assert problem_with(good, address=ADDRESS) is None


@pytest.mark.parametrize("short", ["", "short", "11 letters."])
def test_what_is_shorter_than_twelve_is_told_so(short: str) -> None:
    assert "at least 12" in (problem_with(short, address=ADDRESS) or "")


def test_what_is_longer_than_anybody_types_is_told_so() -> None:
    assert "at most 128" in (problem_with("four quiet brown geese " * 6, address=ADDRESS) or "")


@pytest.mark.parametrize(
    "common",
    [
        "123456789012",
        "210987654321",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdefghijklm",
        "passwordpassword",
        "Password2026!!",
        "P@ssw0rdP@ssw0rd",
        "qwertyuiop1234",
        "!!letmein2024!!",
        "correcthorsebatterystaple",
        "iloveyouforever!",
        "manchesterunited",
        "liverpool2019!!!",
        "couplestherapy2026",
        "x" * 60 + "yzabc",
        "Aa1" * 40,
    ],
)
def test_what_somebody_would_try_first_is_refused(common: str) -> None:
    assert "first that somebody would try" in (problem_with(common, address=ADDRESS) or "")


def test_ones_own_address_makes_no_password() -> None:
    assert "your own address" in (problem_with("Marigold-is-me-7", address=ADDRESS) or "")


def test_a_short_name_may_stand_in_a_password_by_chance() -> None:
    assert problem_with("samples of brown geese", address="sam@practice.example") is None


@pytest.mark.parametrize("costly", ["4@8({[<3693!1|705$+7%2" * 6, "@4{([<|!1$5+70%2zx" * 400, "\U0001d54f" * 10_000])
def test_what_is_costly_to_judge_is_judged_by_its_beginning_or_not_at_all(
    costly: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = passwords.zxcvbn
    monkeypatch.setattr(passwords, "zxcvbn", lambda typed, **more: read.append(typed) or real(typed[:8], **more))

    problem_with(costly, address=ADDRESS)

    assert [len(typed) for typed in read] in ([], [passwords.JUDGED])
