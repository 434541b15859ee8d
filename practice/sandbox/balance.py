"""The sandbox's balance: what came, what went, what it cost, and payouts that collect it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from practice.sandbox.store import Body, Store, new_id

HELD_BACK = 2 * 24 * 3600  # seconds until what came can be paid out
ON_ITS_WAY = 24 * 3600  # until a payout arrives
DAY = 24 * 3600
DISPUTE_FEE = 1500


def fee_of(amount: int) -> int:
    """2.9 % and 30 minor units."""
    return (amount * 29 + 500) // 1000 + 30


class Balance:
    """Balance transactions, and which payout holds which."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def add(self, kind: str, source: Body, amount: int, fee: int = 0) -> str:
        """Note a movement, in its source's currency; its id."""
        now = int(self._now().timestamp())
        at_once = kind == "payout"
        transaction: Body = {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now if at_once else now + HELD_BACK,
            "balance_type": "payments",
            "created": now,
            "currency": source["currency"],
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [],
            "net": amount - fee,
            "reporting_category": "dispute" if kind == "adjustment" else kind,
            "source": source["id"],
            "status": "available" if at_once else "pending",
            "type": kind,
        }
        self._store.put(transaction)
        return str(transaction["id"])

    def pay_out_due(self) -> None:
        """Pay out once a day, whatever is available."""
        today = int(self._now().timestamp()) // DAY
        with self._store.change():
            row = self._store.row("SELECT day FROM payday")
            if row is None or row["day"] < today:
                self._store.execute("INSERT OR REPLACE INTO payday (one, day) VALUES (1, ?)", today)
                self.pay_out()

    def pay_out(self, *, everything: bool = False) -> list[Body]:
        """Send what is available to the bank, or `everything` as if its days had passed: a payout for each currency."""
        now = int(self._now().timestamp())
        with self._store.change():
            held = {row["movement"] for row in self._store.rows("SELECT movement FROM paid_out")}
            waiting: dict[str, list[Body]] = {}
            for one in self._store.newest_first("balance_transaction"):
                if one["id"] not in held and one["type"] != "payout" and (everything or one["available_on"] <= now):
                    waiting.setdefault(one["currency"], []).append(one)
            return [
                self._payout(currency, some, now)
                for currency, some in waiting.items()
                if sum(one["net"] for one in some) > 0
            ]

    def held_by(self, payout: str) -> set[str]:
        """The movements that a payout holds, and the one that it is."""
        rows = self._store.rows("SELECT movement FROM paid_out WHERE payout = ?", payout)
        return {row["movement"] for row in rows}

    def _payout(self, currency: str, some: list[Body], now: int) -> Body:
        amount = sum(one["net"] for one in some)
        payout: Body = {
            "id": new_id("po"),
            "object": "payout",
            "amount": amount,
            "arrival_date": (now + ON_ITS_WAY) // DAY * DAY,
            "automatic": True,
            "created": now,
            "currency": currency,
            "livemode": False,
            "metadata": {},
            "method": "standard",
            "reconciliation_status": "completed",
            "source_type": "card",
            "status": "paid",
            "type": "bank_account",
        }
        payout["balance_transaction"] = self.add("payout", payout, -amount)
        self._store.put(payout)
        for movement in (*(one["id"] for one in some), payout["balance_transaction"]):
            self._store.execute("INSERT INTO paid_out (movement, payout) VALUES (?, ?)", movement, payout["id"])
        return payout
