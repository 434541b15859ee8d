"""Requests, sessions and money by week: rows in, series out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from babel.numbers import get_currency_precision

from practice.numbers.periods import Period, find_period, local_day
from practice.numbers.series import Kind, Line, Series, percent, rounded, trend

WEEK = "Week from"


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asked for a session: when they sent it, when it was first looked at, and whether it became a session."""

    sent: datetime
    looked: datetime | None
    became: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was to be: `how` is attended, missed, late (cancelled too late) or unmarked."""

    starts: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Money that came, or (`back`) was sent back, in minor units."""

    at: datetime
    minor: int
    back: bool


def count_requests(weeks: Sequence[Period], zone: str, requests: Iterable[Request]) -> list[Series]:
    """Requests by the week in which they were sent, and how many of them became sessions, in numbers and in percent."""
    sent, became = [0] * len(weeks), [0] * len(weeks)
    for one in requests:
        week = find_period(weeks, local_day(one.sent, zone))
        if week is not None:
            sent[week] += 1
            became[week] += one.became
    total, in_all = sum(sent), sum(became)
    share = percent(in_all, total)
    nothing = "Nobody sent a request in these weeks. A request counts from when its questions are sent."
    return [
        _by_week(
            "requests",
            "Requests",
            weeks,
            (Line("Requests", tuple(sent)), Line("Became a session", tuple(became))),
            said=f"{total} requests in {len(weeks)} weeks; {in_all} of them became a session. "
            f"In the later half came {trend(sent)} in the earlier.",
            explained="Requests by the week in which they were sent, and how many of those led to a session that stood "
            "whenever that was. The newest weeks may still gain some.",
            nothing=nothing,
        ),
        _by_week(
            "conversion",
            "Conversion",
            weeks,
            (
                Line("Became a session, %", tuple(map(percent, became, sent))),
                Line("Requests", tuple(sent), drawn=False),
            ),
            said=f"{share} % of the {total} requests became a session.",
            explained="Of the requests of each week, how many of a hundred led to a session. A week without a request "
            "has none.",
            nothing=nothing,
            kind=Kind.LINE,
            top=100,
        ),
    ]


def count_looks(weeks: Sequence[Period], zone: str, requests: Iterable[Request]) -> Series:
    """How long requests waited until a clinician opened or decided them, in hours as clocks run, nights included."""
    hours: list[list[float]] = [[] for _ in weeks]
    waiting = [0] * len(weeks)
    for one in requests:
        week = find_period(weeks, local_day(one.sent, zone))
        if week is not None and one.looked is not None:
            hours[week].append((one.looked - one.sent).total_seconds() / 3600)
        elif week is not None:
            waiting[week] += 1
    every = [hour for of_week in hours for hour in of_week]
    middle = rounded(median(every), 1) if every else None
    return _by_week(
        "first-look",
        "Time to the first look",
        weeks,
        (
            Line(
                "Hours, the middle request", tuple(rounded(median(one), 1) if one else None for one in hours), digits=1
            ),
            Line("Looked at", tuple(len(one) for one in hours), drawn=False),
            Line("Not yet", tuple(waiting), drawn=False),
        ),
        said=f"Half of the {len(every)} requests that were looked at had waited {middle} hours or less; "
        f"{sum(waiting)} were not looked at yet.",
        explained="From sending until a clinician first opened the request, or decided it: the middle one of each "
        "week, in hours as clocks run, nights and holidays included.",
        nothing="No request of these weeks was looked at. The time counts from sending to a clinician’s first look.",
        kind=Kind.LINE,
    )


def count_sessions(weeks: Sequence[Period], zone: str, sessions: Iterable[Session]) -> list[Series]:
    """Who came, by the week in which the session was: the show rate, and those who did not come."""
    counted = {how: [0] * len(weeks) for how in ("attended", "missed", "late", "unmarked")}
    for one in sessions:
        week = find_period(weeks, local_day(one.starts, zone))
        if week is not None:
            counted[one.how][week] += 1
    came, missed, late, unmarked = (counted[how] for how in ("attended", "missed", "late", "unmarked"))
    marked = [here + away for here, away in zip(came, missed, strict=True)]
    nothing = "No session of these weeks is marked yet. On a session’s page somebody says whether it was attended."
    return [
        _by_week(
            "show-rate",
            "Show rate",
            weeks,
            (
                Line("Came, %", tuple(map(percent, came, marked))),
                Line("Came", tuple(came), drawn=False),
                Line("Did not come", tuple(missed), drawn=False),
            ),
            said=f"People came to {sum(came)} of the {sum(marked)} sessions that are marked: "
            f"{percent(sum(came), sum(marked))} %.",
            explained="Of the sessions of each week that are marked as attended or missed, how many of a hundred were "
            "attended. What was cancelled, and what nobody marked, counts for neither.",
            nothing=nothing,
            kind=Kind.LINE,
            top=100,
        ),
        _by_week(
            "no-shows",
            "No-shows",
            weeks,
            (
                Line("Did not come", tuple(missed)),
                Line("Cancelled late", tuple(late)),
                Line("Not marked", tuple(unmarked), drawn=False),
            ),
            said=f"{sum(missed)} sessions were missed and {sum(late)} cancelled too late; "
            f"{sum(unmarked)} are not marked.",
            explained="Sessions by the week in which they were to be. Cancelled late: by the client, when it wasn’t "
            "free any more and wasn’t waived.",
            nothing="Nobody missed a session in these weeks, or cancelled one too late.",
        ),
    ]


def count_money(weeks: Sequence[Period], zone: str, currency: str, flows: Iterable[Flow]) -> Series:
    """What was paid, and what was sent back, by the week in which it was, in one currency."""
    paid, back = [0] * len(weeks), [0] * len(weeks)
    for one in flows:
        week = find_period(weeks, local_day(one.at, zone))
        if week is not None:
            (back if one.back else paid)[week] += one.minor
    digits = get_currency_precision(currency)

    def amount(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-digits)

    def line(heading: str, minors: Sequence[int], *, drawn: bool = True) -> Line:
        return Line(f"{heading}, {currency}", tuple(map(amount, minors)), digits, drawn)

    kept = sum(paid) - sum(back)
    return _by_week(
        f"money-{currency.lower()}",
        f"Revenue and refunds, {currency}",
        weeks,
        (
            line("Paid", paid),
            line("Sent back", back),
            line("Kept", [came - went for came, went in zip(paid, back, strict=True)], drawn=False),
        ),
        said=f"{amount(sum(paid)):.{digits}f} {currency} were paid and {amount(sum(back)):.{digits}f} {currency} sent "
        f"back in {len(weeks)} weeks; {amount(kept):.{digits}f} {currency} were kept.",
        explained="Payments by the week in which we learned of them, refunds by the week in which they were decided; a "
        "refund that failed and was not settled by hand counts for nothing. Fees of the payment service and disputes "
        "are in Taxes.",
        nothing="Nothing was paid in these weeks, and nothing sent back.",
    )


def _by_week(
    key: str,
    title: str,
    weeks: Sequence[Period],
    lines: tuple[Line, ...],
    *,
    said: str,
    explained: str,
    nothing: str,
    kind: Kind = Kind.BARS,
    top: int = 0,
) -> Series:
    return Series(
        key=key,
        title=title,
        said=said,
        kind=kind,
        row_heading=WEEK,
        labels=tuple(week.first.isoformat() for week in weeks),
        marks=tuple(f"{week.first.day} {week.first:%b}" for week in weeks),
        lines=lines,
        explained=explained,
        nothing=nothing,
        top=top,
    )
