"""The whole road in Chromium, against what `make run` starts: from the front page to the accepted, paid appointment."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest
from playwright.sync_api import Page, expect

from practice.demo.world import ACCOUNTS, PASSWORD
from tests.support import postgres, town
from tests.support.road import DECLINED, Traveller
from tests.support.town import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

THERAPIST = "Mara Okafor"
OWNER = ACCOUNTS[0][0]
LETTER_LOOKS = 80  # a quarter of a second apart: the worker looks at its messages twice a second


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_couple_books_pays_and_is_accepted(demo, open_page, width, scripts):
    name = f"Robin {width} {'on' if scripts else 'off'}"
    email = f"{name.replace(' ', '-').lower()}@mail.example"
    client = Traveller(open_page(demo.home, width=width, scripts=scripts), name=name, email=email)

    reference = books_and_pays(client)

    assert client.no_sideways_scrolling()
    start = reads_the_calendar_file(client.page, reference)
    reads_the_letters(open_page(demo.home), demo, client.email, start)
    accepts_the_request(open_page(demo.home, width=width, scripts=scripts), client.name, reference)
    assert_promises_are_kept(demo)


def test_a_declined_card_costs_nothing_and_another_one_pays(demo, open_page):
    client = Traveller(open_page(demo.home), email="declined@mail.example")
    reference = comes_to_the_checkout(client)

    client.pays(DECLINED)
    expect(client.page.get_by_role("alert")).to_contain_text("declined")
    client.pays()

    client.sees("Your appointment stands")
    assert client.page.url.endswith(reference)
    assert_promises_are_kept(demo)


def test_two_web_processes_and_two_workers_on_postgresql_go_the_same_road(postgres_server, tmp_path, open_page):
    address = postgres.new_database(postgres_server, "road")
    url = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with town.demo(tmp_path, extra_workers=1, DATABASE_URL=url) as running:
        client = Traveller(open_page(running.home), email="elephant@mail.example")

        reference = books_and_pays(client)

        start = reads_the_calendar_file(client.page, reference)
        reads_the_letters(open_page(running.home), running, client.email, start)
        accepts_the_request(open_page(running.home), client.name, reference)
        assert_promises_are_kept(running)


def comes_to_the_checkout(client: Traveller) -> str:
    client.goes_to_the_intake()
    client.answers_everything()
    client.chooses_a_therapist(THERAPIST)
    reference = client.holds_a_time()
    client.goes_on_to_pay()
    return reference


def books_and_pays(client: Traveller) -> str:
    reference = comes_to_the_checkout(client)
    client.pays()
    client.sees("Your appointment stands")
    expect(client.page.get_by_role("main")).to_contain_text("https://video.lantern.example/")
    return reference


def reads_the_calendar_file(page: Page, reference: str) -> datetime:
    """Download it; when the session starts."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Add to your calendar").click()
    content = Path(download.value.path()).read_bytes()
    [event] = icalendar.Calendar.from_ical(content).events
    assert event["SUMMARY"] == "Appointment"
    assert f"/bookings/{reference}" in content.decode()
    assert says_nothing(content.decode())
    start: datetime = event.start
    return start.astimezone(UTC)


def reads_the_letters(page: Page, demo: Demo, client_email: str, start: datetime) -> None:
    """One to the client, one to the therapist; both carry the appointment, and no subject says what it is about."""
    for reader in (client_email, "mara@lantern.example"):
        opens_the_letter(page, demo, reader, f"DTSTART:{start:%Y%m%dT%H%M%SZ}")
        expect(page.get_by_role("region", name="Calendar part")).to_contain_text("METHOD:REQUEST")
        assert says_nothing(page.get_by_role("heading", level=1).inner_text())


def says_nothing(text: str) -> bool:
    """Whether whoever reads this over a shoulder learns nothing of what the appointment is about."""
    telling = ("trust", "betray", "affair", "couple", "therap", "intake", "robin", "lantern house")
    return not any(word in text.lower() for word in telling)


def opens_the_letter(page: Page, demo: Demo, reader: str, about: str) -> None:
    """The newest one to this reader, once it is the one that says `about`."""
    letters = page.locator("li", has_text=f"to {reader}").get_by_role("link")
    for _ in range(LETTER_LOOKS):
        page.goto(demo.mailbox)
        if letters.count():
            letters.first.click()
            part = page.get_by_role("region", name="Calendar part")  # a letter about a document has none
            if part.count() and about in part.inner_text():
                return
        page.wait_for_timeout(250)
    raise AssertionError(f"no letter for {reader} with {about} came")


def accepts_the_request(page: Page, name: str, reference: str) -> None:
    page.goto("/staff/")
    page.get_by_label("Email address").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Requests").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
    page.get_by_role("link", name=re.compile(name)).last.click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("main")).to_contain_text("Accepted")


def assert_promises_are_kept(demo: Demo) -> None:
    checked = demo.command("invariants")
    assert checked.returncode == 0, checked.stdout + checked.stderr
