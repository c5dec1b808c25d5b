#!/usr/bin/env python3
"""Due dates worked out without guicheng: a table that any other implementation can be held against.

    python3 tests/acceptance/vectors/make.py            writes deadlines.csv beside this file
    python3 tests/acceptance/vectors/make.py --check    makes it again in memory; exit 1 where the committed file differs

Each row: why it is there; the start as local time of Asia/Shanghai; the term; where its last day ends; what happens to a
last day that is not a working day; pauses (from/to, several parted by spaces); the last day; the instant that is shown
(the midnight that ends the day is not included, another instant is); whether that rests on days nobody has published.

The published days are read from policies/calendars/cn.toml; the counting goes day by day and minute by minute.
"""

from __future__ import annotations

import calendar
import csv
import io
import sys
import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILE = HERE / "deadlines.csv"
CN = tomllib.loads((HERE.parents[2] / "policies" / "calendars" / "cn.toml").read_text(encoding="utf-8"))["calendar"]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OFF, MAKE_UP = {}, {}
for year in CN["year"]:
    for off in year["days_off"]:
        day = off["from"]
        while day <= off["to"]:
            OFF[day] = off["name"]
            day += DAY
    for made in year.get("make_up", []):
        MAKE_UP[made["date"]] = made["for"]
FIRST, LAST = CN["covered"]
HOURS = [(time(9), time(12)), (time(13, 30), time(17, 30))]
FIXED = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}


def known(day: date) -> bool:
    return day in OFF or day in MAKE_UP or FIRST <= day <= LAST


def working(day: date) -> bool:
    if day in MAKE_UP:
        return True
    if day in OFF:
        return False
    if not FIRST <= day <= LAST and (day.month, day.day) in FIXED:
        return False
    return day.weekday() < 5


def is_open(minute: datetime) -> bool:
    """Whether the minute that begins then is open time."""
    return working(minute.date()) and any(a <= minute.time() < b for a, b in HOURS)


def months_after(day: date, n: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    month += 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


class Counted:
    """One row."""

    def __init__(self, start: datetime, pauses: list[tuple[datetime, datetime]]):
        self.start, self.pauses, self.sure = start, pauses, True

    def paused_night(self, day: date) -> bool:
        midnight = datetime.combine(day + DAY, time())
        return any(a < midnight <= b for a, b in self.pauses)

    def paused(self, minute: datetime) -> bool:
        return any(a <= minute < b for a, b in self.pauses)

    def look(self, day: date) -> bool:
        self.sure &= known(day)
        return working(day)

    def days(self, n: int, only_working: bool) -> date:
        day = self.start.date()
        if n == 0:
            while self.paused_night(day):
                day += DAY
            return day
        while n:
            day += DAY
            works = self.look(day) if only_working else True
            if works and not self.paused_night(day):
                n -= 1
        return day

    def last_day(self, n: int, unit: str) -> date:
        if unit in ("d", "bd"):
            return self.days(n, unit == "bd")
        first = self.start.date()
        plain = first + 7 * n * DAY if unit == "w" else months_after(first, n if unit == "mo" else 12 * n)
        return self.days((plain - first).days, False) if self.pauses else plain

    def shifted(self, day: date, shift: str) -> date:
        if shift == "none":
            return day
        step, to = (DAY, day) if shift == "next" else (-DAY, day)
        while not self.look(to):
            if shift == "previous" and to <= self.start.date():
                return day
            to += step
        return to

    def minutes(self, n: int, open_only: bool) -> datetime:
        if n == 0:
            return self.start
        now, seen = self.start, None
        while True:
            if open_only and now.date() != seen:
                seen = now.date()
                self.look(seen)
            if not self.paused(now) and (not open_only or is_open(now)):
                n -= 1
                if n == 0:
                    return now + MINUTE
            now += MINUTE

    def due(self, term: str, end: str, shift: str) -> tuple[date, datetime]:
        digits = "".join(c for c in term if c.isdigit())
        n, unit = int(digits), term[len(digits):]
        if unit in ("h", "min", "bh", "bmin"):
            at = self.minutes(n * 60 if unit in ("h", "bh") else n, unit.startswith("b"))
            return at.date(), at
        day = self.shifted(self.last_day(n, unit), shift)
        if end == "midnight":
            return day, datetime.combine(day + DAY, time())
        if end == "close":
            while True:
                works = self.look(day)
                if works and (at := datetime.combine(day, HOURS[-1][1])) >= self.start:
                    return day, at
                day += DAY
        at = datetime.combine(day, time.fromisoformat(end))
        if at < self.start:
            day += DAY
            while shift == "next" and not self.look(day):
                day += DAY
            at = datetime.combine(day, time.fromisoformat(end))
        return day, at


def rows():
    def row(why, start, term, end="midnight", shift="none", pauses=()):
        parsed = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in pauses]
        counted = Counted(datetime.fromisoformat(start), parsed)
        on, at = counted.due(term, end, shift)
        return [why, start, term, end, shift, " ".join(f"{a}/{b}" for a, b in pauses), on, at.isoformat(), str(not counted.sure).lower()]

    # Make-up workdays and the days off around them: each of six years, from two days before on.
    for made in sorted(MAKE_UP):
        for back in (1, 2):
            start = f"{made - back * DAY}T10:00:00"
            for term in ("1bd", "3bd"):
                yield row("make-up workday", start, term)
        yield row("make-up workday has hours", f"{made - DAY}T17:00:00", "4bh")
    # Over every stretch of days off, by day and by working day, shifted three ways.
    stretches = [(off["from"], off["to"]) for year in CN["year"] for off in year["days_off"]]
    for first, last in stretches:
        for shift in ("none", "next", "previous"):
            yield row("last day is off", f"{first - 3 * DAY}T16:00:00", "3d", shift=shift)
        yield row("days off do not count", f"{first - DAY}T16:00:00", "2bd")
        yield row("days off count as days", f"{first - DAY}T16:00:00", "7d")
    # The year's end, and what nobody has published.
    for year in range(2020, 2027):
        for term in ("1bd", "5bd", "1w", "24h", "8bh", "1mo"):
            yield row("year's end", f"{year}-12-30T15:00:00", term)
    for term in ("1bd", "3bd", "10bd", "200bd", "30d", "16bh"):
        yield row("beyond what is published", "2026-12-24T11:00:00", term)
        yield row("beyond what is published, shifted", "2026-12-24T11:00:00", term, shift="next")
    # The closing time, to the second.
    for clock in ("17:29:59", "17:30:00", "17:30:01", "08:59:59", "09:00:00", "12:00:00", "13:29:59"):
        for day in ("2026-03-05", "2026-03-06", "2026-02-14"):
            yield row("closing time", f"{day}T{clock}", "0d", end="close")
            yield row("closing time", f"{day}T{clock}", "1bd", end="close")
            yield row("noon", f"{day}T{clock}", "0d", end="12:00", shift="next")
    for clock in ("17:29:00", "17:30:00", "17:31:00", "08:59:00", "12:00:00", "12:30:00"):
        for term in ("1bh", "7bh", "8bh", "90bmin", "1bmin"):
            yield row("open time", f"2026-03-06T{clock}", term)
    # Midnight, to the second.
    for clock in ("23:59:59", "00:00:00", "00:00:01"):
        for term in ("0d", "1d", "1bd", "24h", "1mo"):
            yield row("midnight", f"2026-03-06T{clock}", term)
    # Pauses over holidays and weekends.
    for first, last in stretches[-12:]:
        a, b = f"{first - DAY}T12:00:00", f"{last + DAY}T12:00:00"
        for term in ("3d", "3bd", "48h", "8bh", "1w"):
            yield row("paused over days off", f"{first - 2 * DAY}T10:00:00", term, pauses=[(a, b)])
    for a, b in (("2026-03-03T10:00:00", "2026-03-03T23:59:00"), ("2026-03-03T23:59:00", "2026-03-04T00:01:00"),
                 ("2026-03-03T00:00:00", "2026-03-05T00:00:00"), ("2026-03-06T18:00:00", "2026-03-09T08:00:00")):
        for term in ("2d", "2bd", "24h", "8bh", "1w", "1mo"):
            yield row("paused", "2026-03-02T10:00:00", term, pauses=[(a, b)])
    # Leap days and short months.
    for start in ("2024-02-28", "2024-02-29", "2023-02-28", "2024-01-29", "2024-01-30", "2024-01-31", "2023-01-31", "2025-08-31", "2026-10-31"):
        for term in ("1d", "1mo", "2mo", "12mo", "1y", "4y", "1w"):
            yield row("leap day or month's end", f"{start}T09:30:00", term)


def text() -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["why", "start", "term", "end", "shift", "pauses", "due_on", "due_at", "provisional"])
    table.writerows(rows())
    return out.getvalue()


if __name__ == "__main__":
    made = text()
    if "--check" in sys.argv[1:]:
        if FILE.read_text(encoding="utf-8") != made:
            sys.exit(f"{FILE.name} is not what this script makes: run it without --check and look at the difference")
    else:
        FILE.write_text(made, encoding="utf-8")
    print(made.count("\n") - 1, "rows")
