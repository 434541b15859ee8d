"""The numbers and codes on documents: what is taken, and what is not."""

import pytest

from practice.papers.codes import read_credentials, read_diagnosis, read_licence, read_npi, read_service_code, read_tin
from practice.papers.kinds import Kind, name_file, write_number


@pytest.mark.parametrize("said", ["", "1234567893", "1245319599", "1234 567 893"])
def test_an_npi_is_ten_digits_of_which_the_last_checks_the_others(said):
    assert read_npi(said) == said.replace(" ", "")


@pytest.mark.parametrize(
    "said", ["1234567890", "1234567894", "123456789", "12345678930", "abcdefghij", "１２３４５６７８９３"]
)
def test_another_npi_is_refused(said):
    with pytest.raises(ValueError, match="ten digits"):
        read_npi(said)


def test_each_wrong_digit_of_an_npi_is_found():
    good = "1234567893"
    others = [good[:place] + digit + good[place + 1 :] for place in range(10) for digit in "0123456789"]
    for other in set(others) - {good}:
        with pytest.raises(ValueError, match="ten digits"):
            read_npi(other)


@pytest.mark.parametrize(
    ("read", "good"),
    [
        (read_tin, "12-3456789"),
        (read_service_code, "90847"),
        (read_service_code, "H0004"),
        (read_service_code, "0591t"),
        (read_diagnosis, "F43.23"),
        (read_diagnosis, "z63.0"),
        (read_diagnosis, "F99"),
    ],
)
def test_the_other_codes_are_taken_as_they_are_written(read, good):
    assert read(f" {good} ") == good.upper()
    assert read("") == ""


@pytest.mark.parametrize(
    ("read", "bad"),
    [
        (read_tin, "123456789"),
        (read_tin, "1-23456789"),
        (read_tin, "12-345678x"),
        (read_service_code, "9084"),
        (read_service_code, "908477"),
        (read_service_code, "9084é"),
        (read_diagnosis, "43.23"),
        (read_diagnosis, "F4"),
        (read_diagnosis, "F43."),
        (read_diagnosis, "F43.23456"),
        (read_diagnosis, "F43.23\nF99"),
        (read_licence, "x" * 121),
        (read_licence, "NY\x001"),
        (read_credentials, "x" * 61),
    ],
)
def test_what_is_shaped_otherwise_is_refused(read, bad):
    with pytest.raises(ValueError):
        read(bad)


def test_a_number_tells_the_series_and_nothing_else():
    assert [write_number(kind, 2027, 12) for kind in Kind] == [
        "E2027-0012",
        "R2027-0012",
        "I2027-0012",
        "C2027-0012",
        "S2027-0012",
    ]
    assert write_number(Kind.RECEIPT, 2027, 12345) == "R2027-12345"
    assert name_file("R2027-0012") == "document-r2027-0012.pdf"
