#!/usr/bin/env python3
"""Reckons due times again from explanations alone: no calendar, no policy, nothing but the standard library.

    guicheng explain 'C-1~visit~1' --company fuheng --events examples/fuheng-2026-03.ndjson --format json | python3 docs/recompute.py
    python3 docs/recompute.py one.json many.ndjson

Reads explanations (`GET /obligations/{id}/explain`), one JSON value after another. Prints every difference between what
they say and what their `reckoning` gives; exit 1 if there is any, or if nothing was read. Python 3.8 or later.
"""
import calendar
import json
import re
import sys
from datetime import date, datetime, timedelta

class Wrong(Exception):
    pass

def instant(text):
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))

class Days:
    """The days that an explanation lists: they must not leave out one that is asked for."""

    def __init__(self, stage):
        self.of = {date.fromisoformat(day["on"]): day for day in stage["days"]}
        self.pauses = [(instant(a), instant(b)) for a, b in stage.get("pauses", [])]

    def day(self, on):
        if on not in self.of:
            raise Wrong(f"{on} is not among the days listed")
        return self.of[on]

    def works(self, on):
        return self.day(on)["working"]

    def ends(self, on):
        return instant(self.day(on)["ends_at"])

    def paused(self, on):
        """Whether the case was paused at the day's 24:00."""
        return bool(self.pauses) and any(a < self.ends(on) <= b for a, b in self.pauses)

def months(on, n):
    year, month = divmod(on.year * 12 + on.month - 1 + n, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))

def parts(term):
    n, unit = re.fullmatch(r"(\d+)(bmin|bh|bd|min|mo|h|d|w|y)", term).groups()
    return int(n), unit

def minutes(n, unit):
    return n * (60 if unit in ("h", "bh") else 1)

def plain(on, n, unit, sign=1):
    """A number of days, weeks, months or years on, or back."""
    if unit in "dw":
        return on + timedelta(days=sign * n * (7 if unit == "w" else 1))
    return months(on, sign * n * (12 if unit == "y" else 1))

def back(on, term, days):
    n, unit = parts(term)
    if unit != "bd":
        return plain(on, n, unit, -1)
    while n:
        on -= timedelta(days=1)
        n -= days.works(on)
    return on

def shifted(on, shift, days, first=None):
    to = on
    while shift != "none" and not days.works(to):
        if shift == "previous" and first is not None and to <= first:
            return on
        to += timedelta(days=1 if shift == "next" else -1)
    return to

def last_day(start, n, unit, days):
    if unit == "bd" or (unit == "d" and n == 0) or days.pauses:
        left = n if unit in ("d", "bd") else (plain(start, n, unit) - start).days
        on = start
        while n == 0 and days.paused(on):
            on += timedelta(days=1)
        while left:
            on += timedelta(days=1)
            left -= (unit != "bd" or days.works(on)) and not days.paused(on)
        return on
    return plain(start, n, unit)

def ended(on, start, stage, days):
    """The end of the last day: its midnight, its close, or a time."""
    if stage["end"] == "midnight":
        return ("day", on, days.ends(on))
    if stage["end"] == "close":
        while True:
            spans = days.day(on)["open"]
            if spans and instant(spans[-1][1]) >= start:
                close = instant(spans[-1][1])
                return ("day", on, close) if close == days.ends(on) else ("instant", on, close)
            on += timedelta(days=1)
    at = instant(days.day(on)["end_at"])
    if at < start:
        on += timedelta(days=1)
        at = instant(days.day(shifted(on, "next" if stage["shift"] == "next" else "none", days))["end_at"])
    return ("instant", at.date(), at)

def elapsed(at, term, pauses):
    left = timedelta(minutes=term)
    for a, b in pauses:
        if b <= at:
            continue
        run = max(a, at) - at
        if left <= run:
            break
        at, left = b, left - run
    return at + left

def middle_of(stage):
    first, last = date.fromisoformat(stage["start_on"]), date.fromisoformat(stage["end_on"])
    return first + timedelta(days=(last - first).days // 2)

def opened(at, term, days):
    left, on = timedelta(minutes=term), at.date()
    while left:
        for opens, closes in days.day(on)["open"]:
            cursor, closes = max(instant(opens), at), instant(closes)
            for a, b in days.pauses + [(closes, closes)]:
                run = min(min(a, closes) - cursor, left)
                if run > timedelta(0):
                    left, end = left - run, cursor + run
                    if not left:
                        return end
                cursor = max(cursor, b)
        on += timedelta(days=1)
    return at

def term(start, text, stage, days):
    n, unit = parts(text)
    if unit in ("h", "min"):
        at = elapsed(start, minutes(n, unit), days.pauses)
        return ("instant", at.date(), at)
    if unit in ("bh", "bmin"):
        at = opened(start, minutes(n, unit), days)
        return ("instant", at.date(), at)
    last = shifted(last_day(start.date(), n, unit, days), stage["shift"], days, start.date())
    return ended(last, start, stage, days)

def through(on, stage, days):
    on = shifted(on, stage["shift"], days)
    return ended(on, instant(days.day(on)["starts_at"]), stage, days)

def moment(text):
    return (date.fromisoformat(text), None) if "T" not in text else (instant(text).date(), instant(text))

def lies(on, every, days):
    """Whether a nominal date is one of the rule's."""
    last = calendar.monthrange(on.year, on.month)[1]
    if "from_on" in every:
        start = date.fromisoformat(every["from_on"])
        if "days" in every:
            return on > start and (on - start).days % every["days"] == 0
        gap = (on.year - start.year) * 12 + on.month - start.month
        return gap > 0 and gap % every["months"] == 0 and months(start, gap) == on
    if "weekdays" in every:
        return on.isoweekday() in every["weekdays"]
    if "days_of_month" in every:
        return any(on.day == min(day, last) for day in every["days_of_month"])
    if "last_of_month" in every:
        return on.day == last and on.month in every["last_of_month"]
    if "working_day_of_month" in every:
        worked = [d for d in (on.replace(day=n) for n in range(1, last + 1)) if days.works(d)]
        return on == worked[:every["working_day_of_month"]][-1]
    if "month" in every:
        return on.month == every["month"] and on.day == min(every["day"], last)
    return "festivals" in every or on.isoformat() in every["dates"]

def occurrence(stage, days):
    found = set()
    for text in stage["nominal_on"]:
        on = date.fromisoformat(text)
        if stage["every"] and not lies(on, stage["every"], days):
            raise Wrong(f"{on} is no date of {stage['every']}")
        on = back(on, stage["lead"], days) if stage["lead"] else on
        if stage["holidays"] == "skip" and not days.works(date.fromisoformat(text)):
            raise Wrong(f"{text} is not a working day, and such days are left out")
        found.add(shifted(on, stage["holidays"].replace("skip", "none"), days))
    if len(found) != 1:
        raise Wrong(f"the nominal dates fall on {len(found)} days")
    on = found.pop()
    return ("day", on, days.ends(on))

def view(due):
    at = instant(due["at"])
    return (due["kind"], date.fromisoformat(due["date"]) if "date" in due else at.date(), at)

def carry_out(stages):
    value = None
    for stage in stages:
        by, days = stage["by"], Days({**{"days": []}, **stage})
        if by == "term":
            value = term(instant(stage["from"]), stage["term"], stage, days)
        elif by == "date":
            on, at = moment(stage["of"])
            value = ("instant", on, at) if at else through(on, stage, days)
        elif by == "before":
            on, at = moment(stage["of"])
            n, unit = parts(stage["term"])
            if unit in ("h", "min"):
                at -= timedelta(minutes=minutes(n, unit))
                value = ("instant", at.date(), at)
            else:
                shift = "previous" if stage["shift"] == "previous" else "none"
                on = shifted(back(on, stage["term"], days), shift, days)
                value = through(on, {**stage, "shift": "none"}, days)
        elif by == "middle":
            value = term(instant(days.day(middle_of(stage))["starts_at"]), stage["term"], stage, days)
        elif by == "occurrence":
            value = occurrence(stage, days)
        elif by == "reminder":
            known, of = instant(stage["known_at"]).date(), date.fromisoformat(stage["of"])
            shift = "previous" if stage["shift"] == "previous" else "none"
            found = {max(known, shifted(back(of, t, days), shift, days)) for t in stage["before"]}
            if len(found) != 1:
                raise Wrong(f"the reminders fall on {len(found)} days")
            on = found.pop()
            value = ("day", on, days.ends(on))
        elif by == "together":
            value = carry_out(stage["due"])
        elif by == "fault":
            on = instant(stage["from"]).date()
            value = ("day", on, days.ends(on))
        elif by == "drawn":
            value = max(value, term(instant(stage["from"]), stage["term"], stage, days), key=lambda v: v[2])
        elif by == "turned":
            before, floor = view(stage["before"]), instant(stage["ends_at"])
            on = instant(stage["at"]).date()
            least = before if before[2] < floor else (value[0], on, floor)
            value = least if value[2] < least[2] else value
        elif by == "extended":
            value = view(stage["to"])
        else:
            raise Wrong("what it was reckoned from is not known any more")
    return value

def opening(stages):
    at = None
    for stage in stages:
        days = Days({**{"days": []}, **stage})
        if stage["by"] == "not-before":
            at = max(at, instant(stage["at"]))
        elif stage["by"] == "middle":
            at = instant(days.day(back(middle_of(stage), stage["term"], days))["starts_at"])
        elif stage["by"] == "date":
            on, exact = moment(stage["of"])
            at = exact or instant(days.day(on)["starts_at"])
        else:
            kind, on, end = term(instant(stage["from"]), stage["term"], stage, days)
            inclusive = kind == "day" and stage["edge"] == "inclusive"
            at = instant(days.day(on)["starts_at"]) if inclusive else end
    return at

def differences(said):
    """What an explanation says and its reckoning does not give."""
    try:
        found, due = carry_out(said["reckoning"]["due"]), view(said["due"])
        if found != due:
            yield f"due is {due[0]} {due[2].isoformat()}, reckoned {found[0]} {found[2].isoformat()}"
        if said["counting"] and said["counting"][-1]["on"] != due[1].isoformat():
            yield f"the counting ends on {said['counting'][-1]['on']}, due is {due[1]}"
        if said["reckoning"]["opening"]:
            at = opening(said["reckoning"]["opening"])
            if at != instant(said["opens_at"]):
                yield f"opens at {said['opens_at']}, reckoned {at.isoformat()}"
    except (Wrong, KeyError, TypeError, AttributeError, ValueError) as wrong:
        yield f"cannot be reckoned: {type(wrong).__name__}: {wrong}"

def main(names):
    texts = [open(name, encoding="utf-8").read() for name in names] or [sys.stdin.read()]
    read = wrong = 0
    for text in texts:
        decoder, blank = json.JSONDecoder(), re.compile(r"\s*")
        at = blank.match(text).end()
        while at < len(text):
            said, at = decoder.raw_decode(text, at)
            at = blank.match(text, at).end()
            read += 1
            for difference in differences(said):
                wrong += 1
                print(f"{said.get('id')}: {difference}")
    print(f"{read} due times reckoned again, {wrong} differences")
    return 1 if wrong or not read else 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
