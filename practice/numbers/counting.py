"""Requests, sessions and money by week: rows in, series out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from babel.numbers import get_currency_precision

from practice.languages import N_
from practice.numbers.periods import Period, find_period, local_day
from practice.numbers.series import ENGLISH, Kind, Line, Series, Voice, percent, rounded, trend

DID_NOT_COME = N_("Did not come")
LATER = {
    "more than": N_("In the later half came more than in the earlier."),
    "fewer than": N_("In the later half came fewer than in the earlier."),
    "about as many as": N_("In the later half came about as many as in the earlier."),
}


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


def count_requests(
    weeks: Sequence[Period], zone: str, requests: Iterable[Request], voice: Voice = ENGLISH
) -> list[Series]:
    """Requests by the week in which they were sent, and how many of them became sessions, in numbers and in percent."""
    sent, became = [0] * len(weeks), [0] * len(weeks)
    for one in requests:
        week = find_period(weeks, local_day(one.sent, zone))
        if week is not None:
            sent[week] += 1
            became[week] += one.became
    total, in_all, say = sum(sent), sum(became), voice.say
    nothing = say(N_("Nobody sent a request in these weeks. A request counts from when its questions are sent."))
    asked, led = say(N_("Requests")), say(N_("Became a session"))
    so_many = say(
        N_("%(total)s requests in %(weeks)s weeks; %(became)s of them became a session."),
        total=total,
        weeks=len(weeks),
        became=in_all,
    )
    return [
        _by_week(
            "requests",
            say(N_("Requests")),
            weeks,
            (Line(asked, tuple(sent)), Line(led, tuple(became))),
            said=f"{so_many} {say(LATER[trend(sent)])}",
            explained=say(
                N_(
                    "Requests by the week in which they were sent, and how many of those led to a session that stood "
                    "whenever that was. The newest weeks may still gain some."
                )
            ),
            nothing=nothing,
            voice=voice,
        ),
        _by_week(
            "conversion",
            say(N_("Conversion")),
            weeks,
            (
                Line(say(N_("Became a session, %")), tuple(map(percent, became, sent))),
                Line(asked, tuple(sent), drawn=False),
            ),
            said=say(
                N_("%(percent)s %% of the %(total)s requests became a session."),
                percent=percent(in_all, total),
                total=total,
            ),
            explained=say(
                N_(
                    "Of the requests of each week, how many of a hundred led to a session. A week without a request "
                    "has none."
                )
            ),
            nothing=nothing,
            voice=voice,
            kind=Kind.LINE,
            top=100,
        ),
    ]


def count_looks(weeks: Sequence[Period], zone: str, requests: Iterable[Request], voice: Voice = ENGLISH) -> Series:
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
    say = voice.say
    return _by_week(
        "first-look",
        say(N_("Time to the first look")),
        weeks,
        (
            Line(
                say(N_("Hours, the middle request")),
                tuple(rounded(median(one), 1) if one else None for one in hours),
                digits=1,
            ),
            Line(say(N_("Looked at")), tuple(len(one) for one in hours), drawn=False),
            Line(say(N_("Not yet")), tuple(waiting), drawn=False),
        ),
        said=say(
            N_(
                "Half of the %(looked)s requests that were looked at had waited %(hours)s hours or less; %(waiting)s "
                "were not looked at yet."
            ),
            looked=len(every),
            hours=middle,
            waiting=sum(waiting),
        ),
        explained=say(
            N_(
                "From sending until a clinician first opened the request, or decided it: the middle one of each week, "
                "in hours as clocks run, nights and holidays included."
            )
        ),
        nothing=say(
            N_("No request of these weeks was looked at. The time counts from sending to a clinician’s first look.")
        ),
        voice=voice,
        kind=Kind.LINE,
    )


def count_sessions(
    weeks: Sequence[Period], zone: str, sessions: Iterable[Session], voice: Voice = ENGLISH
) -> list[Series]:
    """Who came, by the week in which the session was: the show rate, and those who did not come."""
    counted = {how: [0] * len(weeks) for how in ("attended", "missed", "late", "unmarked")}
    for one in sessions:
        week = find_period(weeks, local_day(one.starts, zone))
        if week is not None:
            counted[one.how][week] += 1
    came, missed, late, unmarked = (counted[how] for how in ("attended", "missed", "late", "unmarked"))
    return [_show_rate(weeks, came, missed, voice), _no_shows(weeks, missed, late, unmarked, voice)]


def _show_rate(weeks: Sequence[Period], came: Sequence[int], missed: Sequence[int], voice: Voice) -> Series:
    say = voice.say
    marked = [here + away for here, away in zip(came, missed, strict=True)]
    return _by_week(
        "show-rate",
        say(N_("Show rate")),
        weeks,
        (
            Line(say(N_("Came, %")), tuple(map(percent, came, marked))),
            Line(say(N_("Came")), tuple(came), drawn=False),
            Line(say(DID_NOT_COME), tuple(missed), drawn=False),
        ),
        said=say(
            N_("People came to %(came)s of the %(marked)s sessions that are marked: %(percent)s %%."),
            came=sum(came),
            marked=sum(marked),
            percent=percent(sum(came), sum(marked)),
        ),
        explained=say(
            N_(
                "Of the sessions of each week that are marked as attended or missed, how many of a hundred were "
                "attended. What was cancelled, and what nobody marked, counts for neither."
            )
        ),
        nothing=say(
            N_("No session of these weeks is marked yet. On a session’s page somebody says whether it was attended.")
        ),
        voice=voice,
        kind=Kind.LINE,
        top=100,
    )


def _no_shows(
    weeks: Sequence[Period], missed: Sequence[int], late: Sequence[int], unmarked: Sequence[int], voice: Voice
) -> Series:
    say = voice.say
    return _by_week(
        "no-shows",
        say(N_("No-shows")),
        weeks,
        (
            Line(say(DID_NOT_COME), tuple(missed)),
            Line(say(N_("Cancelled late")), tuple(late)),
            Line(say(N_("Not marked")), tuple(unmarked), drawn=False),
        ),
        said=say(
            N_("Missed: %(missed)s. Cancelled too late: %(late)s. Not marked: %(unmarked)s."),
            missed=sum(missed),
            late=sum(late),
            unmarked=sum(unmarked),
        ),
        explained=say(
            N_(
                "Sessions by the week in which they were to be. Cancelled late: by the client, when it wasn’t free "
                "any more and wasn’t waived."
            )
        ),
        nothing=say(N_("Nobody missed a session in these weeks, or cancelled one too late.")),
        voice=voice,
    )


def count_money(
    weeks: Sequence[Period], zone: str, currency: str, flows: Iterable[Flow], voice: Voice = ENGLISH
) -> Series:
    """What was paid, and what was sent back, by the week in which it was, in one currency."""
    paid, back = [0] * len(weeks), [0] * len(weeks)
    for one in flows:
        week = find_period(weeks, local_day(one.at, zone))
        if week is not None:
            (back if one.back else paid)[week] += one.minor
    digits = get_currency_precision(currency)

    def amount(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-digits)

    def written(minor: int) -> str:
        return f"{amount(minor):.{digits}f}"

    def line(heading: str, minors: Sequence[int], *, drawn: bool = True) -> Line:
        return Line(say(heading, currency=currency), tuple(map(amount, minors)), digits, drawn)

    say = voice.say
    return _by_week(
        f"money-{currency.lower()}",
        say(N_("Revenue and refunds, %(currency)s"), currency=currency),
        weeks,
        (
            line(N_("Paid, %(currency)s"), paid),
            line(N_("Sent back, %(currency)s"), back),
            line(N_("Kept, %(currency)s"), [came - went for came, went in zip(paid, back, strict=True)], drawn=False),
        ),
        said=say(
            N_(
                "%(paid)s %(currency)s were paid and %(back)s %(currency)s sent back in %(weeks)s weeks; %(kept)s "
                "%(currency)s were kept."
            ),
            paid=written(sum(paid)),
            back=written(sum(back)),
            kept=written(sum(paid) - sum(back)),
            currency=currency,
            weeks=len(weeks),
        ),
        explained=say(
            N_(
                "Payments by the week in which we learned of them, refunds by the week in which they were decided; a "
                "refund that failed and was not settled by hand counts for nothing. Fees of the payment service and "
                "disputes are in Taxes."
            )
        ),
        nothing=say(N_("Nothing was paid in these weeks, and nothing sent back.")),
        voice=voice,
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
    voice: Voice,
    kind: Kind = Kind.BARS,
    top: int = 0,
) -> Series:
    return Series(
        key=key,
        title=title,
        said=said,
        kind=kind,
        row_heading=voice.say(N_("Week from")),
        labels=tuple(week.first.isoformat() for week in weeks),
        marks=tuple(voice.day(week.first) for week in weeks),
        lines=lines,
        explained=explained,
        nothing=nothing,
        top=top,
    )
