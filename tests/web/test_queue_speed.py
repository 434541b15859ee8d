"""Two hundred requests on the desk: a page asks no more of the database than one of ten does."""

from __future__ import annotations

from tests.support.offers import ADA
from tests.support.staff import desk, hire, send_request, sign_in
from tests.support.statements import statements
from tests.support.story import Practice

QUEUE = "/staff/intakes"
MOST = 15
MANY = 200
ADDRESSES = (
    QUEUE,
    f"{QUEUE}?state=all&sort=newest&page=2",
    f"{QUEUE}?overdue=yes&place=US-NY&attending=couple",
    f"{QUEUE}?band=red&unread=yes",
)


def numbered(asked: list[tuple[str, object]]) -> str:
    return "\n".join(f"{number} {' '.join(one[0].split())[:400]}" for number, one in enumerate(asked, 1))


def test_two_hundred_requests_are_listed_in_at_most_fifteen_queries(practice: Practice) -> None:
    for number in range(MANY):
        flags = {"control": "often"} if number % 3 == 0 else {}
        send_request(practice, preferred_name=f"Robin {number}", email=f"r{number}@mail.example", **flags)
    readers = {
        "clinician": desk(practice, "clinician"),
        "coordinator": desk(practice, "coordinator"),
        "therapist": sign_in(practice, hire(practice, "clinician", "therapist", email="a@x.example", therapist=ADA)),
    }
    for role, browser in readers.items():
        for address in ADDRESSES:
            browser.get(address)  # what every process keeps is read once
            with statements() as asked:
                page = browser.get(address)

            assert page.status_code == 200
            assert len(asked) <= MOST, f"{role} {address}\n{numbered(asked)}"
