"""The desk's pages for taxes: sums, payouts, the file and the rate; and the commands that do the same."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner

from practice.cli import main
from practice.payments import bookkeeping
from practice.payments.models import MoneyMovement, Payout
from practice.payments.snapshots import MovementKind
from practice.profile import profile
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.paying import Till
from tests.support.staff import audit, desk, in_order
from tests.support.story import Practice

TAXES = "/staff/money/taxes"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def coordinator(practice: Practice) -> Browser:
    return desk(practice, "coordinator")


@pytest.fixture
def moved(practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock) -> Till:
    """Two payments, one of them given back, all paid out; and one more afterwards. Prices include 19 %."""
    with work_in(practice) as work:
        bookkeeping.set_tax(work, "command", "19", None)
    for hours in (0, 2):
        held = practice.hold(MONDAY_NINE + timedelta(hours=hours))
        till.pay(held)
        till.deliver()
        practice.work_until_idle()
        clock.advance(minutes=1)
    till.cancel(held)
    practice.work_until_idle()
    clock.advance(minutes=1)
    payments.balance.pay_out()
    payments.balance.add(MovementKind.FEE, -2_00, "USD")
    read(practice)
    return till


def read(practice: Practice) -> None:
    with practice.app.app_context():
        bookkeeping.read()


def words(browser: Browser, path: str = TAXES) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def command(practice: Practice, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments, obj=None)
    return result.exit_code, result.output


def test_a_month_shows_sums_and_each_payout_with_its_lines(moved: Till, coordinator: Browser) -> None:
    page = words(coordinator)

    cells = re.findall(r'<td class="number">([^<]*)</td>', page)
    gross, tax, refunds, disputes, fees, other, net, paid_out = cells[:8]
    assert (gross, refunds, disputes, fees, other) == ("320.00", "160.00", "0.00", "11.88", "0.00")
    assert (tax, net, paid_out) == ("25.55", "148.12", "150.12")
    assert in_order(page, ["6 May 2027: 150.12 USD, paid.", "Its lines add up", "Payment</td>", "Refund</td>"])
    assert "don’t add up" not in page
    assert "its sums will change" in page
    assert "<h1>Taxes, May 2027</h1>" in page
    assert in_order(page, [">April 2027</a>", ">June 2027</a>"])
    assert "Nothing moved in this period" in words(coordinator, f"{TAXES}?period=2027-04")
    assert "150.12" in words(coordinator, f"{TAXES}?period=2027")


def test_the_file_has_a_line_for_each_movement_without_names_and_its_sums_are_the_payouts(
    moved: Till, practice: Practice, payments: FakePayments, coordinator: Browser
) -> None:
    answer = coordinator.get(f"{TAXES}.csv?period=2027-05")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="taxes-2027-05.csv"'
    lines = rows(answer.text)
    assert [one["kind"] for one in lines] == ["charge", "charge", "refund", "fee"]
    assert [one["number"][:2] for one in lines] == ["pa", "pa", "r_", ""]
    assert [one["tax"] for one in lines] == ["25.55", "25.55", "-25.55", "0.00"]
    assert {one["payout_date"] for one in lines[:3]} == {"2027-05-06"}
    (payout,) = payments.balance.payouts
    held = [one for one in lines if one["payout"] == payout.id]
    assert sum(round(float(one["net"]) * 100) for one in held) == payout.amount_minor
    assert "Robin" not in answer.text
    assert len(audit(practice, "taxes_exported")) == 1


def test_a_payout_that_does_not_add_up_is_shown_and_breaks_the_promise(
    moved: Till, practice: Practice, payments: FakePayments, coordinator: Browser
) -> None:
    assert practice.breaches() == []
    (payout,) = payments.balance.payouts
    with work_in(practice) as work:
        work.session.get_one(Payout, payout.id).amount_minor += 1

    page = words(coordinator, f"{TAXES}?period=2027-04")  # whichever period is open
    assert f"{payout.id} is 150.13 USD; the lines that we know of it are 150.12" in page
    assert "Its lines don’t add up" in words(coordinator)
    assert [f"payout {payout.id} is 15013" in one for one in practice.breaches()] == [True]


def test_a_line_of_another_currency_or_none_at_all_does_not_add_up(
    moved: Till, practice: Practice, payments: FakePayments, coordinator: Browser
) -> None:
    (payout,) = payments.balance.payouts
    with work_in(practice) as work:
        for row in work.session.query(MoneyMovement).filter_by(payout_id=payout.id):
            row.payout_id = None
    assert "the lines that we know of it are 0.00" in words(coordinator)
    with work_in(practice) as work:
        for row in work.session.query(MoneyMovement).filter_by(payout_id=None):
            row.payout_id, row.currency = payout.id, "EUR"
    assert "Its lines don’t add up" in words(coordinator)


def test_payouts_whose_lines_the_service_cannot_tell_say_so(
    practice: Practice, till: Till, payments: FakePayments, coordinator: Browser
) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    payments.balance.pay_out(automatic=False)
    read(practice)

    page = words(coordinator)
    assert "Asked for by hand: the payment service can’t tell its lines" in page
    assert "don’t add up" not in page
    assert practice.breaches() == []


def test_reading_is_asked_for_and_the_worker_does_it(
    practice: Practice, till: Till, coordinator: Browser, payments: FakePayments
) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    till.deliver()
    assert "Nothing was read from the payment service yet" in words(coordinator)

    asked = payments.asked
    answer = coordinator.submit(TAXES, form="/taxes/read", follow_redirects=True)
    assert "It is being read" in answer.text
    assert payments.asked == asked
    practice.work_until_idle()

    assert in_order(words(coordinator), ["Read from the payment service on", "160.00"])


def test_a_day_belongs_to_the_month_of_the_practices_calendar(
    practice: Practice, payments: FakePayments, clock: FrozenClock
) -> None:
    clock.advance(days=27)  # to the first of June, 8:00 in New York
    clock.advance(hours=-9)  # still May there, and June in UTC
    payments.balance.add(MovementKind.CHARGE, 77_00, "USD", payment="pi_one")
    clock.advance(hours=9)
    read(practice)
    coordinator = desk(practice, "coordinator")

    assert "77.00" in words(coordinator, f"{TAXES}?period=2027-05")
    assert "77.00" not in words(coordinator, f"{TAXES}?period=2027-06")


@pytest.mark.parametrize("period", ["May", "2027-13", "1999", "2027-05-01", "=2027"])
def test_a_period_that_is_none_is_refused_in_words(coordinator: Browser, period: str) -> None:
    for path in (TAXES, f"{TAXES}.csv"):
        answer = coordinator.get(path, query_string={"period": period})
        assert answer.status_code == 422
        assert "2027-05" in answer.text


def test_the_owner_sets_the_rate_and_the_coordinator_does_not(
    moved: Till, practice: Practice, coordinator: Browser
) -> None:
    owner = desk(practice, "owner")
    refused = owner.submit(TAXES, {"rate": "a lot", "since": ""}, form="/taxes/rate")
    assert refused.status_code == 422
    assert "Write the rate like 19" in refused.text

    owner.submit(TAXES, {"rate": "7", "since": "2027-05-01"}, form="/taxes/rate")
    with practice.app.app_context():
        assert profile().tax_percent == "7"
    assert "10.47" in words(coordinator)  # of 160.00
    assert "Tax in prices" not in words(coordinator)
    token = re.search('name="csrf_token" value="([^"]+)"', coordinator.get(TAXES).text)
    assert token is not None
    refused = coordinator.post(f"{TAXES}/rate", data={"rate": "5", "since": "", "csrf_token": token[1]})
    assert refused.status_code == 404
    with practice.app.app_context():
        assert profile().tax_percent == "7"


@pytest.mark.parametrize("role", ["clinician", "therapist"])
def test_taxes_are_the_desks_alone(practice: Practice, role: str) -> None:
    browser = desk(practice, role, therapist="ada-lindqvist" if role == "therapist" else None)
    assert browser.get(TAXES).status_code == browser.get(f"{TAXES}.csv").status_code == 404


def test_commands_write_the_same_file_and_set_the_rate(
    moved: Till, practice: Practice, coordinator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("practice.cli._app", lambda: practice.app)

    code, said = command(practice, "export-taxes", "--month", "2027-05")
    assert (code, rows(said)) == (0, rows(coordinator.get(f"{TAXES}.csv?period=2027-05").text))
    assert rows(command(practice, "export-taxes", "--year", "2027")[1]) == rows(said)
    for wrong in ([], ["--month", "2027"], ["--year", "2027-05"], ["--year", "soon"], ["--month", "2027-05"] * 2):
        code, said = command(practice, "export-taxes", *wrong, *(["--year", "2027"] if len(wrong) == 4 else []))
        assert code == 2, wrong
        assert "either" in said or "2027-05" in said

    assert command(practice, "tax-rate", "none", "--since", "2027-05-01") == (0, "Prices include no tax.\n")
    assert {one["tax"] for one in rows(coordinator.get(f"{TAXES}.csv").text)} == {"0.00"}
    assert command(practice, "tax-rate", "8.875")[1] == "Prices include 8.875 % tax.\n"
    assert command(practice, "tax-rate", "lots")[0] == 2


def test_a_command_reads_or_says_why_not(
    practice: Practice, till: Till, payments: FakePayments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("practice.cli._app", lambda: practice.app)
    till.pay(practice.hold(MONDAY_NINE))
    payments.faults.append("unavailable")
    assert command(practice, "read-movements") == (1, "Error: The payment service does not answer. Try again later.\n")
    assert "Read 1 movements" in command(practice, "read-movements")[1]
