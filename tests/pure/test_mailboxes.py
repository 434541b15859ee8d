"""A sender as one line: what people read, whoever wrote it, and nothing that raises."""

from __future__ import annotations

import pytest

from practice.mailboxes import read_mailbox, write_mailbox

ADDRESS = "office@harbour.example"


@pytest.mark.parametrize("name", ["Appointments", "Séances", "Séances, à Montréal", 'The "quiet" desk', "予約", ""])
@pytest.mark.parametrize("address", [ADDRESS, "élise@harbour.example", "office@hàrbour.example"])
def test_a_line_reads_as_it_was_written(name, address):
    assert read_mailbox(write_mailbox(name, address)) == (name, address)


def test_a_plain_name_stands_as_people_write_it():
    assert write_mailbox("Appointments", ADDRESS) == f"Appointments <{ADDRESS}>"


@pytest.mark.parametrize(
    "written",
    [
        "=?utf-8?q?S=C3=A9ances?= <office@harbour.example>",
        "=?UTF-8?B?U8OpYW5jZXM=?= <office@harbour.example>",
        "=?iso-8859-1?q?S=E9ances?= <office@harbour.example>",
    ],
)
def test_a_name_that_was_encoded_for_a_header_is_read_as_people_read_it(written):
    assert read_mailbox(written) == ("Séances", ADDRESS)


@pytest.mark.parametrize("name", ["=?nowhere?q?S=E9ances?=", "=?utf-8?b?S?=", "=?utf-8?q?=E9?="])
def test_what_only_looks_encoded_stands_as_it_is(name):
    assert read_mailbox(f"{name} <{ADDRESS}>")[1] == ADDRESS
