#!/usr/bin/env python3
"""A month of Fuheng's life, and what must come of it.

    python3 tests/month/make.py            writes the files below
    python3 tests/month/make.py --check    makes them again in memory; exit 1 where a committed file differs

    tests/month/cases.json            the case list: what happened in each case, and how it was meant
    examples/fuheng-2026-03.ndjson    the same as events, one a line, in the order of their upload
    tests/month/expected.json         what is owed, done, late, escalated and counted at AS_OF

Three steps, one way: `case_list` invents the cases, `event_lines` writes their acts down as events, and
`expectations` works out the answer by plain date arithmetic from the *rounds* of the case list: when a round was
triggered, when it was truly done. The expectations never look at an event, so that a fault in a fold cannot hide
in both. The terms stand below once more, on purpose; they are those of policies/fuheng/follow-up.toml.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FILES = {
    "cases": HERE / "cases.json",
    "events": ROOT / "examples" / "fuheng-2026-03.ndjson",
    "expected": HERE / "expected.json",
}

SEED = 20260301
PERIOD = "2026-03"
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
AS_OF = datetime(2026, 4, 20, 12, 0)
LAST_ACT = datetime(2026, 4, 18, 20, 0)  # nothing in the file happens after this

# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────

QINGMING = {date(2026, 4, 4), date(2026, 4, 5), date(2026, 4, 6)}  # no make-up working day falls in March or April


def is_working_day(day: date) -> bool:
    assert date(2026, 3, 1) <= day <= date(2026, 4, 30), f"{day} is outside the table of working days"
    return day.weekday() < 5 and day not in QINGMING


def working_days_after(day: date, n: int) -> date:
    while n:
        day += timedelta(days=1)
        n -= is_working_day(day)
    return day


def months_after(day: date, n: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    month += 1
    length = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, length))


def midnight_ending(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time())


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat() + "+08:00"


def local(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=None)


# ── what the procedure says ──────────────────────────────────────────────────────────────────────────────────────

# Rule: the last day, from the day of the anchor.
TERMS = {
    "complaint-follow-up": lambda d: d + timedelta(days=3),
    "repair-follow-up": lambda d: d + timedelta(days=2),
    "repair-second-follow-up": lambda d: months_after(d, 2),
    "special-service-final-follow-up": lambda d: d + timedelta(days=7),
    "first-aid-follow-up": lambda d: d + timedelta(days=7),
    "publication-follow-up": lambda d: months_after(d, 1),
    "activity-follow-up": lambda d: months_after(d, 1),
    "other-service-follow-up": lambda d: d + timedelta(days=7),
    "form-return": lambda d: d + timedelta(days=1),
    "form-review": lambda d: working_days_after(d, 2),
}

# Rule: who is told, in steps; 0 at the midnight that ends the last day, n when n working days more have elapsed.
STEPS = {
    "complaint-follow-up": [(0, "assistant"), (1, "director")],
    "repair-follow-up": [(0, "assistant"), (1, "director")],
    "repair-second-follow-up": [(0, "assistant"), (1, "director")],
    "first-aid-follow-up": [(0, "assistant"), (1, "director")],
    "publication-follow-up": [(0, "director")],
    "activity-follow-up": [(0, "director")],
    "other-service-follow-up": [(0, "assistant")],
    "form-collection": [],
    "form-return": [(1, "assistant")],
    "form-review": [(0, "director")],
}

# Rate: its rules and its target in percent. That of other services is what the director decides in the file.
RATES = {
    "complaint": (["complaint-follow-up"], 100),
    "repair": (["repair-follow-up", "repair-second-follow-up"], 100),
    "publication-and-activity": (["publication-follow-up", "activity-follow-up"], 10),
    "other-service": (["other-service-follow-up"], 60),
}

COUNTED = ("publication-follow-up", "activity-follow-up")
ITEMS = ["quality", "effect", "satisfaction", "shortcomings", "suggestions"]

# ── people, places, things ───────────────────────────────────────────────────────────────────────────────────────

DIRECTOR, ASSISTANT = ("zhou", "director"), ("wu", "assistant")
MANAGERS = {"east": ("zhang", "area-manager"), "west": ("li", "area-manager")}
DEPARTMENTS = {"工程部": ("chen", "department"), "保安部": ("sun", "department"), "保洁部": ("he", "department")}
JOINT = ["department", "area-manager"]

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
MATTERS = {
    "工程部": ["楼顶漏水", "电梯常停", "水压不足", "单元门禁失灵", "楼道灯不亮", "下水道返味", "外墙渗水", "配电间噪声"],
    "保安部": ["夜间噪声", "车位被占", "外来人员推销", "门岗态度", "电动车乱停", "快递丢失", "宠物未牵绳"],
    "保洁部": ["楼道不洁", "垃圾清运不及时", "电梯轿厢有异味", "绿化带有垃圾", "地库积水未扫", "垃圾桶破损"],
}
REPAIR_ITEMS = ["水管漏水", "马桶堵塞", "空调不制冷", "门锁损坏", "插座无电", "灯具更换", "热水器点不着", "窗户关不严",
                "地漏返水", "墙面渗水", "对讲机无声", "阀门锈死"]
GOOD = {
    "quality": ["好", "合格", "修得仔细", "做得干净"],
    "effect": ["已恢复正常", "问题未再出现", "见效快", "明显好转"],
    "satisfaction": [5, 5, 4, 4, 3],
    "shortcomings": ["无", "等候时间稍长", "上门前未电话预约", "现场有少量垃圾"],
    "suggestions": ["无", "希望定期检查", "望在群里通报进度", "请保留联系电话"],
}
BAD = {
    "quality": ["不合格", "又坏了"],
    "effect": ["问题仍在", "未见改善"],
    "satisfaction": [1, 2],
    "shortcomings": ["没有处理彻底", "答复敷衍"],
    "suggestions": ["请重新处理", "请主任过问"],
}


def area_of(building: str) -> str:
    return "east" if int(building) <= 4 else "west"


# ── the case list ────────────────────────────────────────────────────────────────────────────────────────────────

FORM_TROUBLES = ["collect-late", "return-late", "review-late", "collect-missing", "return-missing", "review-missing",
                 "return-unsigned", "return-unsigned-then-signed", "collect-without-number", "return-before-visit"]


class Case:
    """One case while it is being invented: what happened (`acts`) and how it was meant (`rounds`)."""

    def __init__(self, month: Month, kind: str, data: dict, trouble: list[str]):
        self.month, self.rng = month, month.rng
        self.kind, self.data, self.trouble = kind, data, trouble
        self.acts: list[dict] = []
        self.rounds: list[dict] = []
        self.manager = MANAGERS[area_of(data["building"])] if "building" in data else ASSISTANT

    def act(self, what: str, at: datetime, by: tuple[str, str], data: dict | None = None, **how) -> dict:
        """Something happened. `how`: `first_written`, `retracted_at`, `repeated`, `upload_before`, `pinned`."""
        assert at <= LAST_ACT, (self.kind, what, at)
        act = {"what": what, "at": iso(at), "by": {"person": by[0], "role": by[1]}, "data": data or {}}
        act |= {name: value for name, value in how.items() if value}
        self.acts.append(act)
        return act

    # When things happen ----------------------------------------------------------------------------------------

    def on(self, day: date, first_hour: int = 9, last_hour: int = 19) -> datetime:
        """A free minute on that day."""
        taken = {a["at"] for a in self.acts}
        while True:
            at = datetime.combine(day, time(self.rng.randint(first_hour, last_hour), self.rng.randrange(60)))
            if iso(at) not in taken:
                return at

    def visitors(self) -> tuple[tuple[str, str], list[str] | None]:
        """Who goes, and who took part where that is more than the one who reports it."""
        if self.kind == "complaint":
            if self.data["severity"] == "major":
                return DIRECTOR, None
            return self.manager, list(JOINT)
        if self.kind in ("publication", "activity"):
            return ASSISTANT, None
        return self.manager, None

    def record(self, *, qualified: bool | None = True, channel: str | None = None, signed: bool = True,
               without: tuple[str, ...] = (), participants: list[str] | None = None) -> dict:
        """A follow-up form as filled in."""
        words = BAD if qualified is False else GOOD
        data = {"channel": channel or self.rng.choice(["home-visit", "telephone", "telephone", "letter"])}
        data |= {item: self.rng.choice(words[item]) for item in ITEMS if item not in without}
        if qualified is not None:
            data["qualified"] = qualified
        if data["channel"] == "home-visit" and signed:
            data["resident_signed"] = True
        if participants:
            data["participants"] = participants
        return data

    # A duty and what became of it --------------------------------------------------------------------------------

    def round(self, rule: str, trigger_at: datetime, anchor_at: datetime | None = None, cycle: int = 1) -> dict:
        bearers = {"complaint": ["director"] if self.data.get("severity") == "major" else list(JOINT),
                   "publication": ["assistant"], "activity": ["assistant"]}.get(self.kind, ["area-manager"])
        made = {"rule": rule, "cycle": cycle, "triggered_at": iso(trigger_at), "anchor_at": iso(anchor_at or trigger_at),
                "bearers": bearers, "done_at": None, "missing": [], "collected_at": None, "returned_at": None,
                "reviewed_at": None, "ended_at": None}
        self.rounds.append(made)
        return made

    def collect(self, made: dict, trigger_at: datetime, how: str = "", day: date | None = None) -> None:
        """The form is fetched and signed for."""
        if how == "collect-missing":
            return
        due = TERMS[made["rule"]](local(made["anchor_at"]).date())
        at = trigger_at + timedelta(minutes=self.rng.randint(10, 50))
        if how == "collect-late":
            at = self.on(due + timedelta(days=self.rng.randint(1, 3)))
        elif day:
            at = self.on(day, 8, 8)
        by = self.visitors()[0]
        data = {"form_no": self.month.form_number(), "signed_by": by[0]}
        if how == "collect-without-number":
            del data["form_no"]
            made["missing_form_no"] = True
        self.act("form-collected", at, by, data)
        if how != "collect-without-number":
            made["collected_at"] = iso(at)

    def hand_in(self, made: dict, how: str = "") -> None:
        """After a follow-up that counts: the form goes back and is reviewed, as far as the time reaches."""
        done_at, by = local(made["done_at"]), self.visitors()[0]
        if how == "return-missing":
            return
        next_day = done_at.date() + timedelta(days=1)
        at = done_at + timedelta(minutes=self.rng.randint(20, 90)) if self.rng.random() < 0.6 else self.on(next_day, 8, 11)
        if at.date() > next_day:
            at = datetime.combine(next_day, time(9, 5))
        if how == "return-late":
            at = self.on(next_day + timedelta(days=self.rng.randint(3, 5)), 9, 17)
        if how in ("return-unsigned", "return-unsigned-then-signed"):
            self.act("form-returned", at, by, {"signed": False})
            if how == "return-unsigned":
                return
            at = self.on(at.date() + timedelta(days=2), 9, 17)
        if at > LAST_ACT:
            return
        self.act("form-returned", at, by, {"signed": True})
        made["returned_at"] = iso(at)
        if how == "review-missing":
            return
        day = working_days_after(at.date(), self.rng.choice([1, 1, 2]))
        if how == "review-late":
            day = working_days_after(at.date(), self.rng.randint(3, 5))
        if day >= LAST_ACT.date():
            return
        at = self.on(day, 9, 17)
        opinion = self.rng.choice(["同意", "已阅，归档", "同意，请跟进建议", "记录完整"])
        self.act("form-reviewed", at, ASSISTANT, {"opinion": opinion})
        made["reviewed_at"] = iso(at)

    def follow_up(self, made: dict, how: str, form: str = "", *, first: date | None = None,
                  last: date | None = None, collect_on: date | None = None) -> None:
        """How the follow-up of a round went. `first` and `last`: the days on which it is in time."""
        rng, trigger_at = self.rng, local(made["triggered_at"])
        due = TERMS[made["rule"]](local(made["anchor_at"]).date())
        first = first or trigger_at.date() + timedelta(days=1)
        last = last or due
        by, both = self.visitors()

        def in_time(early: bool = False) -> date:
            span = (last - first).days
            return first + timedelta(days=rng.randint(0, max(0, span - 1) if early else span))

        def visit(at: datetime, data: dict, **act) -> datetime:
            self.act("followed-up", at, act.pop("by", by), data, **act)
            return at

        def full(**what) -> dict:
            return self.record(participants=both, **what)

        done_at = None
        if how not in ("before-trigger-only", "before-trigger"):
            self.collect(made, trigger_at, form, collect_on)

        if how == "on-time":
            at = self.on(in_time(early=form == "return-before-visit"))
            if form == "return-before-visit":
                self.act("form-returned", at - timedelta(minutes=20), by, {"signed": True})
            done_at = visit(at, full())
        elif how == "on-time-repeated":
            done_at = visit(self.on(in_time()), full(), repeated=True)
        elif how == "on-time-uploaded-first":
            done_at = visit(self.on(in_time()), full(), upload_before=made["triggered_at"])
        elif how == "late":
            done_at = visit(self.on(due + timedelta(days=rng.choice([1, 1, 2, 4, 6]))), full())
        elif how == "missing":
            pass
        elif how == "unqualified":
            done_at = visit(self.on(in_time()), full(qualified=False), pinned=True)
        elif how in ("incomplete", "incomplete-repaired", "incomplete-repaired-late"):
            gone = tuple(sorted(rng.sample(ITEMS, rng.randint(1, 3)), key=ITEMS.index))
            at = visit(self.on(in_time(early=True), 9, 12), full(without=gone))
            if how == "incomplete":
                made["missing"] = list(gone)
            else:
                day = due + timedelta(days=2) if how.endswith("late") else rng.choice([at.date(), last])
                done_at = visit(self.on(day, 14, 19), {item: rng.choice(GOOD[item]) for item in gone})
        elif how in ("unsigned", "unsigned-repaired"):
            at = visit(self.on(in_time(early=True), 9, 12), full(channel="home-visit", signed=False))
            if how == "unsigned":
                made["missing"] = ["resident_signed"]
            else:
                done_at = visit(self.on(last, 14, 19), full(channel="home-visit"))
        elif how in ("joint-one", "joint-completed", "joint-completed-late", "joint-two-events"):
            department = DEPARTMENTS[self.data["department"]]
            came_first = department if rng.random() < 0.4 else self.manager
            came_last = self.manager if came_first is department else department
            at = visit(self.on(in_time(early=True), 9, 12), self.record(), by=came_first)
            if how == "joint-one":
                made["missing"] = [came_last[1]]
            elif how == "joint-two-events":  # the same visit, reported by each of the two in full
                done_at = visit(self.on(at.date(), 14, 19), self.record(), by=came_last)
            else:
                day = due + timedelta(days=rng.randint(1, 3)) if how.endswith("late") else last
                done_at = visit(self.on(day, 14, 19), {"remarks": "补访，意见一致"}, by=came_last)
        elif how in ("before-trigger", "before-trigger-only"):
            visit(trigger_at - timedelta(hours=rng.randint(2, 5)), full())
            self.collect(made, trigger_at, form, collect_on)
            if how == "before-trigger":
                done_at = visit(self.on(in_time()), full())
        elif how == "corrected-to-earlier":  # written down with the wrong day; it was in time
            data, at = full(), self.on(in_time(), 9, 16)
            done_at = visit(at, data, first_written={"at": iso(self.on(due + timedelta(days=2))), "data": data})
        elif how == "corrected-to-later":  # written down as in time; it was late
            data, at = full(), self.on(due + timedelta(days=2))
            done_at = visit(at, data, first_written={"at": iso(self.on(in_time())), "data": data})
        elif how == "corrected-content":  # the first writing lacked an item
            data, at = full(), self.on(in_time())
            done_at = visit(at, data, first_written={
                "at": iso(at), "data": {k: v for k, v in data.items() if k != "suggestions"}})
        elif how in ("retracted", "retracted-then-late"):  # reported for the wrong case, and taken back
            at = self.on(in_time(early=True), 9, 14)
            visit(at, full(), retracted_at=iso(at + timedelta(hours=rng.randint(20, 30), minutes=7)))
            if how == "retracted-then-late":
                done_at = visit(self.on(due + timedelta(days=3)), full())
        else:
            raise ValueError(how)

        made["done_at"] = iso(done_at)
        if done_at:
            self.hand_in(made, form)


class Month:
    """The whole month while it is being invented."""

    def __init__(self) -> None:
        self.rng = random.Random(SEED)
        self.cases: list[Case] = []
        self.forms = 0
        self.rooms: set[str] = set()
        self.form_turn = 0

    def form_number(self) -> str:
        self.forms += 1
        return f"HF-2603-{self.forms:04d}"

    def customer(self, building: str) -> str:
        """Somebody who lives there, met only once."""
        while True:
            room = f"{building}-{self.rng.randint(1, 5)}-{self.rng.randint(1, 18)}{self.rng.randint(1, 4):02d}"
            if room not in self.rooms:
                self.rooms.add(room)
                return f"{self.rng.choice(SURNAMES)}{self.rng.choice(['女士', '先生'])} {room}"

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        return first + timedelta(days=self.rng.randint(0, (last - first).days))

    def building(self) -> str:
        return str(self.rng.randint(1, 8))

    def case(self, kind: str, data: dict, trouble: list[str]) -> Case:
        made = Case(self, kind, data, [t for t in trouble if t])
        self.cases.append(made)
        return made

    def next_form_trouble(self) -> str:
        """Every other form that could go right goes wrong, in turn in each of the known ways."""
        self.form_turn += 1
        if self.form_turn % 2:
            return ""
        return FORM_TROUBLES[self.form_turn // 2 % len(FORM_TROUBLES)]

    # Kinds of case ---------------------------------------------------------------------------------------------

    def complaint(self, how: str, severity: str = "ordinary", *, form: str | None = None, resolved: date | None = None,
                  received: datetime | None = None, who: dict | None = None, trouble: str | None = None) -> Case:
        rng = self.rng
        building = self.building()
        department = rng.choice(list(DEPARTMENTS))
        data = {"severity": severity, "building": building, "department": department,
                "customer": "", "matter": rng.choice(MATTERS[department])} | (who or {})
        data["customer"] = data["customer"] or self.customer(building)
        if form is None:
            form = self.next_form_trouble() if how == "on-time" else ""
        names = [trouble or how, form]
        case = self.case("complaint", data, [] if names == ["on-time", ""] else [n for n in names if n != "on-time"])
        day = resolved or self.day(FIRST + timedelta(days=2), LAST - timedelta(days=2 if how == "late" else 0))
        opened = received or case.on(max(FIRST, day - timedelta(days=rng.randint(1, 4))), 8, 18)
        case.act("received", opened, case.manager, dict(data), pinned=who is not None)
        if how == "withdrawn-unresolved":
            case.act("withdrawn", case.on(day), case.manager)
            return case
        trigger = case.on(day, 13, 17)
        by = DEPARTMENTS[data["department"]]
        if how == "trigger-retracted":
            case.act("resolved", trigger, by, retracted_at=iso(trigger + timedelta(hours=3)))
            return case
        if how == "trigger-corrected":  # resolved two days before it was first written to be: the follow-up came late
            trigger = datetime.combine(date(2026, 3, 20 + len(self.cases) % 3), time(10, 12))
            case.acts[0]["at"] = iso(trigger - timedelta(days=2, minutes=11))
            case.act("resolved", trigger, by, first_written={"at": iso(trigger + timedelta(days=2)), "data": {}})
            made = case.round("complaint-follow-up", trigger)
            made["done_at"] = iso(trigger + timedelta(days=4, hours=5))
            case.act("form-collected", trigger + timedelta(days=2, hours=1), case.visitors()[0],
                     {"form_no": self.form_number(), "signed_by": case.visitors()[0][0]})
            made["collected_at"] = iso(trigger + timedelta(days=2, hours=1))
            case.act("followed-up", local(made["done_at"]), case.visitors()[0], case.record(participants=case.visitors()[1]))
            case.hand_in(made)
            return case
        case.act("resolved", trigger, by)
        made = case.round("complaint-follow-up", trigger)
        if how == "withdrawn":
            case.collect(made, trigger)
            end = case.on(day + timedelta(days=1))
            case.act("withdrawn", end, case.manager)
            made["ended_at"] = iso(end)
            return case
        if how.startswith("reopened"):
            if how == "reopened-unvisited":
                case.collect(made, trigger)
                end = case.on(day + timedelta(days=2))
            elif how == "reopened-before-return":
                case.follow_up(made, "on-time", "return-missing", last=day + timedelta(days=1))
                end = local(made["done_at"]) + timedelta(hours=2)
            else:
                case.follow_up(made, "on-time", "")
                end = case.on(local(made["reviewed_at"]).date() + timedelta(days=2))
            case.act("reopened", end, case.manager)
            made["ended_at"] = iso(end)
            again = case.on(end.date() + timedelta(days=2), 13, 17)
            case.act("resolved", again, by)
            second = case.round("complaint-follow-up", again, cycle=2)
            case.follow_up(second, "missing" if how == "reopened-unvisited" and len(self.cases) % 2 else "on-time", "")
            return case
        case.follow_up(made, how, form)
        return case

    def repair(self, how: str, *, form: str | None = None, finished: date | None = None,
               requested: datetime | None = None, who: dict | None = None, trouble: str | None = None) -> Case:
        rng = self.rng
        building = self.building()
        data = {"building": building, "customer": "", "item": rng.choice(REPAIR_ITEMS)} | (who or {})
        data["customer"] = data["customer"] or self.customer(building)
        if form is None:
            form = self.next_form_trouble() if how == "on-time" else ""
        names = [n for n in (trouble or how, form) if n and n != "on-time"]
        case = self.case("repair", data, names)
        day = finished or self.day(FIRST + timedelta(days=1))
        opened = requested or case.on(max(FIRST, day - timedelta(days=rng.randint(0, 2))), 8, 9)
        case.act("requested", opened, case.manager, dict(data), pinned=who is not None)
        trigger = case.on(day, 14, 17)
        fixer = DEPARTMENTS["工程部"]
        if how == "trigger-retracted":
            case.act("finished", trigger, fixer, retracted_at=iso(trigger + timedelta(hours=3)))
            return case
        case.act("finished", trigger, fixer)
        made = case.round("repair-follow-up", trigger)
        if how == "withdrawn":
            end = case.on(day + timedelta(days=1))
            case.act("withdrawn", end, case.manager)
            made["ended_at"] = iso(end)
            return case
        if how.startswith("second"):
            case.follow_up(made, "on-time", "")
            asked = case.on(local(made["reviewed_at"]).date() + timedelta(days=1))
            assert asked.date() <= LAST
            case.act("second-follow-up-needed", asked, case.manager)
            second = case.round("repair-second-follow-up", asked, trigger)
            opens = months_after(day, 1) + timedelta(days=1)
            second["opens_on"] = opens.isoformat()
            if "early" in how:
                early = case.on(min(asked.date() + timedelta(days=rng.randint(2, 5)), opens - timedelta(days=2)))
                case.act("followed-up", early, case.manager, case.record())
            if how.endswith("done"):
                case.follow_up(second, "on-time", "", first=opens, last=min(opens + timedelta(days=4), date(2026, 4, 16)),
                               collect_on=opens)
            return case
        case.follow_up(made, how, form)
        return case

    def special_service(self, how: str) -> Case:
        """Which of these must be followed up is drawn in secret; the expectations name them only as candidates."""
        building = self.building()
        starts = self.day(FIRST, date(2026, 3, 20))
        length = self.rng.choice([120, 180] if how == "early" else [10, 14, 30, 60, 90, 180])
        data = {"building": building, "customer": self.customer(building)}
        trouble = ["early-attempt"] if how == "early" else []
        case = self.case("special-service", data, trouble)
        terms = {"starts": starts.isoformat(), "ends": (starts + timedelta(days=length)).isoformat()}
        if how == "completed":
            ends = self.day(date(2026, 3, 8), LAST)
            terms = {"starts": (ends - timedelta(days=20)).isoformat(), "ends": ends.isoformat()}
            case.data |= terms
            trigger = case.on(ends, 13, 17)
            case.act("completed", trigger, case.manager, {"building": building, "customer": data["customer"]})
            made = case.round("special-service-final-follow-up", trigger)
            if len(self.cases) % 2:
                case.follow_up(made, "on-time", "")
            return case
        case.data |= terms
        trigger = case.on(max(FIRST, starts - timedelta(days=2)), 9, 17)
        case.act("contracted", trigger, case.manager, dict(case.data))
        made = case.round("special-service-mid-follow-up", trigger)
        middle = starts + timedelta(days=length // 2)
        made["opens_on"] = (middle - timedelta(days=7)).isoformat()
        made["due_on"] = (middle + timedelta(days=7)).isoformat()
        if how == "early":
            at = case.on(trigger.date() + timedelta(days=2))
            assert at.date() < middle - timedelta(days=7)
            case.act("followed-up", at, case.manager, case.record())
        elif how == "visited" and middle <= date(2026, 4, 14):
            at = case.on(max(middle, trigger.date() + timedelta(days=1)))
            case.act("followed-up", at, case.manager, case.record())
            made["done_at"] = iso(at)
        return case

    def first_aid(self, how: str) -> Case:
        building = self.building()
        data = {"building": building, "customer": self.customer(building)}
        form = self.next_form_trouble() if how == "on-time" else ""
        case = self.case("first-aid", data, [n for n in (how, form) if n and n != "on-time"])
        trigger = case.on(self.day(FIRST, LAST - timedelta(days=2)), 9, 21)
        case.act("finished", trigger, DEPARTMENTS["保安部"], dict(data))
        case.follow_up(case.round("first-aid-follow-up", trigger), how, form)
        return case

    def other_service(self, how: str) -> Case:
        building = self.building()
        data = {"building": building, "customer": self.customer(building)}
        form = self.next_form_trouble() if how == "on-time" else ""
        case = self.case("other-service", data, [n for n in (how, form) if n and n != "on-time"])
        trigger = case.on(self.day(FIRST, LAST - timedelta(days=2)), 9, 17)
        case.act("completed", trigger, case.manager, dict(data))
        case.follow_up(case.round("other-service-follow-up", trigger), how, form)
        return case

    def counted(self, kind: str, day: date, members: int | list[str], visits: list[tuple[date, int]],
                trouble: list[str], *, twice: int = 0, incomplete: int = 0, unsigned_then_signed: bool = False) -> Case:
        """A publication or an activity: of its members a tenth is asked.

        `visits`: on that day, so many of them; `twice`: so many are asked again; `incomplete`: so many whose form
        stays without an item, and who therefore do not count.
        """
        field, event = {"publication": ("recipients", "issued"), "activity": ("participants", "held")}[kind]
        case = self.case(kind, {field: members}, trouble)
        trigger = case.on(day, 9, 17)
        case.act(event, trigger, ASSISTANT, {field: members})
        made = case.round(f"{kind}-follow-up", trigger)
        made["members"] = members if isinstance(members, int) else len(members)
        reached: list[tuple[datetime, str]] = []
        names = iter(members if isinstance(members, list) else [self.customer(self.building()) for _ in range(40)])
        for on, number in visits:
            for _ in range(number):
                name, at = next(names), case.on(on)
                if unsigned_then_signed and not reached:
                    case.act("followed-up", at, ASSISTANT,
                             {"customer": name} | case.record(channel="home-visit", signed=False))
                    at = case.on(on + timedelta(days=1))
                    case.act("followed-up", at, ASSISTANT, {"customer": name} | case.record(channel="home-visit"))
                else:
                    case.act("followed-up", at, ASSISTANT, {"customer": name} | case.record())
                reached.append((at, name))
        for at, name in sorted(reached)[:twice]:
            case.act("followed-up", case.on(at.date() + timedelta(days=1)), ASSISTANT, {"customer": name} | case.record())
        for _ in range(incomplete):
            case.act("followed-up", case.on(visits[-1][0]), ASSISTANT,
                     {"customer": next(names)} | case.record(without=("effect",)))
        made["reached"] = [{"customer": name, "at": iso(at)} for at, name in sorted(reached)]
        needed = -(-made["members"] * 10 // 100)
        if len(reached) >= needed:
            made["done_at"] = made["reached"][needed - 1]["at"]
        return case


def case_list() -> list[dict]:
    month = Month()

    for how, number in {"on-time": 10, "on-time-repeated": 2, "on-time-uploaded-first": 3, "late": 4, "missing": 3,
                        "unqualified": 3, "incomplete": 2, "incomplete-repaired": 2, "incomplete-repaired-late": 1,
                        "unsigned": 2, "unsigned-repaired": 2, "joint-one": 2, "joint-completed": 2,
                        "joint-completed-late": 2, "joint-two-events": 2, "before-trigger": 2, "before-trigger-only": 1,
                        "corrected-to-earlier": 1, "corrected-to-later": 1, "corrected-content": 1, "retracted": 1,
                        "retracted-then-late": 1, "withdrawn": 2, "withdrawn-unresolved": 1, "trigger-corrected": 2,
                        "trigger-retracted": 1}.items():
        for _ in range(number):
            month.complaint(how)
    month.complaint("reopened-unvisited", resolved=date(2026, 3, 4))
    month.complaint("reopened-unvisited", resolved=date(2026, 3, 9))
    month.complaint("reopened-before-return", resolved=date(2026, 3, 12))
    month.complaint("reopened-done", resolved=date(2026, 3, 6))
    for how, number in {"on-time": 6, "late": 2, "missing": 1, "unsigned-repaired": 1}.items():
        for _ in range(number):
            month.complaint(how, "major")

    # The same customer complains again: about the same matter at once, and with another matter in between.
    for building, matter, first in [("3", "楼顶漏水", 3), ("6", "夜间噪声", 11)]:
        who = {"building": building, "customer": month.customer(building), "matter": matter,
               "department": "工程部" if matter == "楼顶漏水" else "保安部"}
        for n in (0, 1):
            received = datetime(2026, 3, first + 9 * n, 9, 20 + n)
            month.complaint("on-time", form="", who=who, received=received, resolved=date(2026, 3, first + 9 * n + 2),
                            trouble="repeated-complaint" if n else "on-time")
    for building, matters, first in [("2", ["电梯常停", "楼道灯不亮", "电梯常停"], 5), ("8", ["水压不足", "外墙渗水", "水压不足"], 9)]:
        who = {"building": building, "customer": month.customer(building), "department": "工程部"}
        for n, matter in enumerate(matters):
            received = datetime(2026, 3, first + 6 * n, 10, 5 + n)
            month.complaint("on-time", form="", who=who | {"matter": matter}, received=received,
                            resolved=date(2026, 3, first + 6 * n + 1),
                            trouble="interrupted-complaint" if n == 2 else "on-time")

    for how, number in {"on-time": 16, "on-time-repeated": 2, "on-time-uploaded-first": 3, "late": 4, "missing": 3,
                        "unqualified": 2, "incomplete": 2, "incomplete-repaired": 2, "unsigned": 2,
                        "unsigned-repaired": 2, "before-trigger": 1, "corrected-to-earlier": 1, "corrected-content": 1,
                        "retracted": 1, "withdrawn": 1, "trigger-retracted": 1}.items():
        for _ in range(number):
            month.repair(how, finished=month.day(date(2026, 3, 2)))
    for how, day in [("second-done", 2), ("second-done", 5), ("second-early-done", 3), ("second-early", 9),
                     ("second-early", 20), ("second-open", 12), ("second-open", 16), ("second-scheduled", 21),
                     ("second-scheduled", 23)]:
        month.repair(how, finished=date(2026, 3, day))
    # Three times the same item of one customer; and twice the same with another one between.
    for building, items, first in [("1", ["马桶堵塞"] * 3, 3), ("7", ["空调不制冷"] * 3, 6),
                                   ("4", ["门锁损坏", "插座无电", "门锁损坏"], 4), ("5", ["地漏返水", "灯具更换", "地漏返水"], 8)]:
        who = {"building": building, "customer": month.customer(building)}
        for n, item in enumerate(items):
            month.repair("on-time", form="", who=who | {"item": item}, requested=datetime(2026, 3, first + 7 * n, 8, 40 + n),
                         finished=date(2026, 3, first + 7 * n + n % 2),
                         trouble="repeated-repair" if n == 2 and len(set(items)) == 1 else "on-time")

    for how in ["completed"] * 5 + ["visited"] * 4 + ["unvisited"] * 2 + ["early"] * 2:
        month.special_service(how)
    for how, number in {"on-time": 5, "late": 1, "missing": 1, "unqualified": 1}.items():
        for _ in range(number):
            month.first_aid(how)

    def people(number: int) -> list[str]:
        return [month.customer(month.building()) for _ in range(number)]

    def day(text: str) -> date:
        return date.fromisoformat(f"2026-{text}")

    month.counted("publication", day("03-03"), 120, [(day("03-12"), 7), (day("03-20"), 5)], ["asked-twice"], twice=2)
    month.counted("publication", day("03-05"), 85, [(day("03-20"), 7), (day("04-08"), 2)], ["late"])
    month.counted("publication", day("03-10"), people(24), [(day("03-30"), 2)], ["missing", "incomplete"], incomplete=1)
    month.counted("publication", day("03-12"), people(31), [(day("03-25"), 4)], ["unsigned-repaired"], unsigned_then_signed=True)
    month.counted("publication", day("03-25"), 60, [(day("04-03"), 4)], [])
    month.counted("publication", day("03-31"), 40, [(day("04-09"), 5)], ["more-than-needed"])
    month.counted("activity", day("03-08"), 45, [(day("03-16"), 4), (day("03-18"), 3)], ["more-than-needed"])
    month.counted("activity", day("03-15"), 30, [(day("03-28"), 1)], ["missing", "asked-twice"], twice=1)
    month.counted("activity", day("03-20"), people(18), [(day("04-02"), 2)], [])
    month.counted("activity", day("03-28"), 56, [], [])
    month.counted("activity", day("03-14"), 100, [(day("03-20"), 6), (day("04-10"), 4)], [])

    for how, number in {"on-time": 17, "on-time-repeated": 1, "late": 3, "missing": 5, "incomplete": 1,
                        "unqualified": 1}.items():
        for _ in range(number):
            month.other_service(how)

    letters = {"complaint": "C", "repair": "R", "special-service": "S", "first-aid": "F", "publication": "P",
               "activity": "A", "other-service": "O"}
    listed = []
    for kind, letter in letters.items():
        found = sorted((c for c in month.cases if c.kind == kind), key=lambda c: min(a["at"] for a in c.acts))
        for n, case in enumerate(found, 1):
            rounds = [{k: v for k, v in r.items()} for r in case.rounds]
            listed.append({"case": f"{letter}-{PERIOD}-{n:03d}", "kind": kind, "trouble": case.trouble,
                           "data": case.data, "acts": sorted(case.acts, key=lambda a: a["at"]), "rounds": rounds})
    return listed + standing_cases()


def standing_cases() -> list[dict]:
    """The areas, the office and the director's decision: no rounds, their duties recur."""

    def act(what: str, at: str, by: tuple[str, str], data: dict | None = None) -> dict:
        return {"what": what, "at": f"2026-{at}:00+08:00", "by": {"person": by[0], "role": by[1]}, "data": data or {}}

    east, west = MANAGERS["east"], MANAGERS["west"]
    return [
        {"case": "area:east", "kind": "area", "trouble": [], "data": {"area": "east"}, "rounds": [], "acts": [
            act("opened", "03-01T00:00", DIRECTOR, {"area": "east"}),
            act("forms-filed", "03-30T16:20", east, {"period": PERIOD, "forms": 71}),
            act("statistics-submitted", "03-31T17:40", east, {"period": PERIOD, "analysis": "回访多为满意，楼顶漏水重复投诉须跟进。"})]},
        {"case": "area:west", "kind": "area", "trouble": ["filing-late"], "data": {"area": "west"}, "rounds": [], "acts": [
            act("opened", "03-01T00:00", DIRECTOR, {"area": "west"}),
            act("statistics-submitted", "03-31T18:05", west, {"period": PERIOD, "analysis": "夜间噪声投诉增多，建议加强巡逻。"}),
            act("forms-filed", "04-02T09:30", west, {"period": PERIOD, "forms": 64})]},
        {"case": "office", "kind": "office", "trouble": [], "data": {}, "rounds": [], "acts": [
            act("opened", "03-01T00:00", DIRECTOR),
            act("plan-made", "03-01T09:10", ASSISTANT, {"period": PERIOD}),
            act("plan-made", "04-01T09:25", ASSISTANT, {"period": "2026-04"})]},
        {"case": "rate:other-service", "kind": "rate", "trouble": [], "data": {}, "rounds": [], "acts": [
            act("target-decided", "03-03T10:30", DIRECTOR,
                {"rate": "other-service", "target": "60%", "from": "2026-03-01", "reason": "人手有限，先保投诉和维修"})]},
    ]


# ── the events ───────────────────────────────────────────────────────────────────────────────────────────────────

def event_lines(cases: list[dict]) -> list[str]:
    """The acts as events, in the order of an upload at the end: nearly by time, with some far from their place."""
    rng = random.Random(SEED + 1)
    lines: list[tuple[str, int, str]] = []  # (where it stands, tie, text)

    def put(key: datetime, event: dict) -> None:
        lines.append((iso(key), len(lines), json.dumps(event, ensure_ascii=False)))

    for case in cases:
        for n, act in enumerate(case["acts"], 1):
            at = local(act["at"])
            event = {"id": f"{case['case']}-e{n:02d}", "type": f"{case['kind']}.{act['what']}", "case": case["case"],
                     "occurred_at": act["at"], "actor": act["by"], "data": act["data"]}
            first = act.get("first_written")
            if first:
                put(local(first["at"]), event | {"occurred_at": first["at"], "data": first["data"]})
                put(max(at, local(first["at"])) + timedelta(hours=26),
                    event | {"id": f"{event['id']}-corrected", "corrects": event["id"]})
                continue
            key = at
            if act.get("upload_before"):
                key = local(act["upload_before"]) - timedelta(hours=5)
            elif not any(act.get(k) for k in ("retracted_at", "repeated", "pinned")) and rng.random() < 0.05:
                key = at + timedelta(days=rng.randint(-6, 9))
            put(key, event)
            if act.get("repeated"):
                put(key + timedelta(days=rng.randint(0, 3), minutes=1), event)
            if act.get("retracted_at"):
                put(local(act["retracted_at"]), event | {
                    "id": f"{event['id']}-retracted", "occurred_at": act["retracted_at"], "data": {},
                    "retracts": event["id"]})
    return [text for _, _, text in sorted(lines)]


# ── what must come of it ─────────────────────────────────────────────────────────────────────────────────────────

def owed(case: dict) -> list[dict]:
    """The obligations of a case, by date arithmetic from its rounds."""
    found = []

    def add(made: dict, rule: str, due: date, done_at: datetime | None, roles: list[str], opens: date | None = None,
            missing: list[str] | None = None) -> None:
        ended_at = None if done_at else local(made["ended_at"])
        today = AS_OF.date()
        if done_at:
            standing = "fulfilled" if done_at.date() <= due else "fulfilled_late"
        elif ended_at:
            assert ended_at.date() <= due, "what a breach becomes when its case ends is not a question for this file"
            standing = "cancelled"
        elif opens and opens > today:
            standing = "scheduled"
        else:
            standing = "overdue" if due < today else "open"
        escalations = []
        for level, (after, to) in enumerate(STEPS[rule], 1):
            at = midnight_ending(working_days_after(due, after) if after else due) if due < today else None
            over = done_at or ended_at
            if at and at <= AS_OF and not (over and over <= at):
                escalations.append({"level": level, "to": to, "nominal_at": iso(at)})
        found.append({"case": case["case"], "rule": rule, "cycle": made["cycle"], "standing": standing, "due": due,
                      "opens": opens, "roles": roles, "missing": missing or [], "escalations": escalations,
                      "triggered": local(made["triggered_at"]).date(), "round": made})

    for made in case["rounds"]:
        anchor = local(made["anchor_at"]).date()
        opens = date.fromisoformat(made["opens_on"]) if "opens_on" in made else None
        due, done_at = TERMS[made["rule"]](anchor), local(made["done_at"])
        add(made, made["rule"], due, done_at, made["bearers"], opens, made["missing"])
        if made["rule"] in COUNTED:
            continue
        add(made, "form-collection", due, local(made["collected_at"]), made["bearers"], opens,
            ["form_no"] if made.get("missing_form_no") else [])
        returned_at = local(made["returned_at"])
        if done_at:
            add(made, "form-return", TERMS["form-return"](done_at.date()), returned_at, made["bearers"])
        if returned_at:
            add(made, "form-review", TERMS["form-review"](returned_at.date()), local(made["reviewed_at"]), ["assistant"])
    return found


def expectations(cases: list[dict]) -> dict:
    ordinary = [c for c in cases if c["kind"] not in ("special-service", "area", "office", "rate")]
    obligations = [o for case in ordinary for o in owed(case)]
    obligations.sort(key=lambda o: (o["case"], o["cycle"], o["rule"], o["due"]))

    due = []
    for o in obligations:
        if o["standing"] in ("open", "overdue", "scheduled"):
            item = {"case": o["case"], "rule": o["rule"], "standing": o["standing"], "due_on": o["due"].isoformat(),
                    "roles": o["roles"]}
            if o["cycle"] > 1:
                item["cycle"] = o["cycle"]
            if o["opens"]:
                item["opens_on"] = o["opens"].isoformat()
            if o["missing"]:
                item["missing"] = o["missing"]
            due.append(item)

    fulfilled: dict[str, dict[str, int]] = {}
    for rule in STEPS:
        standings = Counter(o["standing"] for o in obligations if o["rule"] == rule)
        fulfilled[rule] = {"on_time": standings["fulfilled"], "late": standings["fulfilled_late"]}
    breaches = {rule: sum(o["rule"] == rule and o["standing"] in ("fulfilled_late", "overdue") for o in obligations)
                for rule in STEPS}

    rates = []
    for rate, (rules, percent) in RATES.items():
        members = [o for o in obligations if o["rule"] in rules and o["standing"] != "cancelled"]
        assert all(o["triggered"].strftime("%Y-%m") == PERIOD for o in members)
        if rate == "publication-and-activity":
            population = sum(o["round"]["members"] for o in members)
            asked = [(local(r["at"]).date(), o["due"]) for o in members for r in o["round"]["reached"]]
            done, on_time = len(asked), sum(on <= last for on, last in asked)
        else:
            population = len(members)
            on_time = sum(o["standing"] == "fulfilled" for o in members)
            done = on_time + sum(o["standing"] == "fulfilled_late" for o in members)
        required = -(-population * percent // 100)
        # Not reached is no verdict while somebody may still do it in time.
        maturing = any(o["standing"] in ("open", "scheduled") for o in members)
        met = True if done >= required else None if maturing else False
        rates.append({"rate": rate, "period": PERIOD, "population": population, "done": done, "on_time": on_time,
                      "target": f"{percent}%", "required": required, "met": met})

    spawned = []
    for case in cases:
        for threshold in ("unqualified", "unqualified-report"):
            if "unqualified" in case["trouble"]:
                spawned.append({"threshold": threshold, "case": case["case"], "count": 1})
        for threshold, reached in (("repeated-complaint", 2), ("repeated-repair", 3)):
            if threshold in case["trouble"]:
                spawned.append({"threshold": threshold, "case": case["case"], "count": 1, "reached": reached})
    spawned.sort(key=lambda s: (s["threshold"], s["case"]))

    candidates = []
    for case in cases:
        for made in case["rounds"] if case["kind"] == "special-service" else []:
            trigger = local(made["triggered_at"]).date()
            candidates.append({"case": case["case"], "rule": made["rule"], "triggered_on": trigger.isoformat(),
                               "opens_on": made.get("opens_on"),
                               "due_on": made.get("due_on") or TERMS[made["rule"]](trigger).isoformat(),
                               "followed_up_at": made["done_at"]})

    return {
        "as_of": iso(AS_OF),
        "scope": {
            "cases": [c["case"] for c in ordinary],
            "left_out": "recurring rules; special services and their forms (drawn_candidates); cases opened by thresholds (spawned)",
            "count": "spawned.count: cases opened from that case; reached: the count at which a repetition fired",
        },
        "due": due,
        "fulfilled": fulfilled,
        "breaches": breaches,
        "rates": rates,
        "escalations": sorted(({"case": o["case"], "rule": o["rule"], **({"cycle": o["cycle"]} if o["cycle"] > 1 else {}), **e}
                               for o in obligations for e in o["escalations"]),
                              key=lambda e: (e["nominal_at"], e["case"], e["rule"], e["level"])),
        "spawned": spawned,
        "drawn_candidates": candidates,
    }


# ── sanity ───────────────────────────────────────────────────────────────────────────────────────────────────────

def sanity(cases: list[dict], lines: list[str], expected: dict) -> Counter:
    """Holds the month to what it promises, and counts what is in it."""
    counts: Counter = Counter()
    events = [json.loads(line) for line in lines]
    reported = [c for c in cases if c["kind"] not in ("area", "office", "rate")]
    assert 190 <= len(reported) <= 215, len(reported)
    for case in reported:
        counts[f"kind {case['kind']}"] += 1
        for trouble in case["trouble"]:
            counts[f"trouble {trouble}"] += 1
        instants = [a["at"] for a in case["acts"]]
        assert len(set(instants)) == len(instants), f"{case['case']}: two acts at one instant"
        for made in case["rounds"]:
            assert PERIOD == made["triggered_at"][:7], (case["case"], made)

    content: dict[str, str] = {}
    place: dict[str, int] = {}
    for number, (line, event) in enumerate(zip(lines, events)):
        assert "2026-03-01T00:00:00+08:00" <= event["occurred_at"] <= "2026-04-20T00:00:00+08:00", event
        if event["id"] in content:
            assert content[event["id"]] == line, f"{event['id']}: other content under a used id"
            counts["events repeated"] += 1
            continue
        content[event["id"]], place[event["id"]] = line, number
        counts[f"type {event['type']}"] += 1
        for key in ("corrects", "retracts"):
            if key in event:
                counts[f"events that carry {key}"] += 1
                target = json.loads(content[event[key]])
                assert (target["case"], target["type"]) == (event["case"], event["type"])
    counts["events"] = len(content)
    counts["lines"] = len(lines)
    times = [e["occurred_at"] for e in events]
    counts["lines before an earlier one"] = sum(a > b for a, b in zip(times, times[1:]))

    triggers = {}
    for event in events:
        if event["type"].split(".")[1] in ("resolved", "finished", "completed"):
            triggers.setdefault(event["case"], place[event["id"]])
    counts["completion lines before their trigger"] = sum(
        event["type"].endswith(".followed-up") and place[event["id"]] < triggers.get(event["case"], -1)
        and "upload_before" in json.dumps([a for c in reported if c["case"] == event["case"] for a in c["acts"]])
        for event in events)

    for name, least in {"events repeated": 2, "events that carry corrects": 2, "events that carry retracts": 2,
                        "lines before an earlier one": 20, "completion lines before their trigger": 5}.items():
        assert counts[name] >= least, (name, counts[name])
    families = ["late", "missing", "unqualified", "incomplete", "incomplete-repaired", "unsigned", "unsigned-repaired",
                "joint-one", "joint-completed", "joint-two-events", "on-time-repeated", "corrected", "retracted",
                "reopened", "withdrawn", "before-trigger", "repeated-repair", "repeated-complaint",
                "interrupted-complaint", "second-early", "early-attempt", "asked-twice", "more-than-needed",
                "trigger-corrected", "trigger-retracted", "on-time-uploaded-first", *FORM_TROUBLES]
    for family in families:
        found = sum(n for name, n in counts.items()
                    if name.startswith("trouble ") and name.removeprefix("trouble ").startswith(family))
        assert found >= 2, f"{family}: only {found}"

    # Nobody repeats by accident: a complaint or repair of the same customer is one of the planned ones.
    seen = Counter((c["kind"], c["data"]["customer"]) for c in reported if c["kind"] in ("complaint", "repair"))
    assert sum(n > 1 for n in seen.values()) == 4 + 4, "a customer came back unplanned"

    standings = Counter(o["standing"] for o in expected["due"])
    for name in ("open", "overdue", "scheduled"):
        assert standings[name] >= 2, (name, standings)
        counts[f"due {name}"] = standings[name]
    for name in ("escalations", "spawned", "drawn_candidates"):
        counts[f"expected {name}"] = len(expected[name])
    return counts


def pretty(value: object, flat_from: int) -> str:
    """JSON with one thing a line, so that a change reads well in a diff: flat from this depth on, and where it is short."""

    def show(value: object, depth: int) -> str:
        flat = json.dumps(value, ensure_ascii=False)
        if depth >= flat_from or len(flat) <= 100 or not isinstance(value, (dict, list)):
            return flat
        pad = "  " * (depth + 1)
        if isinstance(value, dict):
            inner = [f"{pad}{json.dumps(k, ensure_ascii=False)}: {show(v, depth + 1)}" for k, v in value.items()]
            return "{\n" + ",\n".join(inner) + "\n" + "  " * depth + "}"
        inner = [pad + show(v, depth + 1) for v in value]
        return "[\n" + ",\n".join(inner) + "\n" + "  " * depth + "]"

    return show(value, 0) + "\n"


def main() -> int:
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    cases = case_list()
    lines = event_lines(cases)
    expected = expectations(cases)
    counts = sanity(cases, lines, expected)
    texts = {"cases": pretty(cases, 3), "events": "\n".join(lines) + "\n", "expected": pretty(expected, 2)}
    different = []
    for name, path in FILES.items():
        if arguments:
            if not path.exists() or path.read_text(encoding="utf-8") != texts[name]:
                different.append(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[name], encoding="utf-8")
    for name in sorted(counts):
        print(f"{counts[name]:6}  {name}")
    for path in different:
        print(f"differs from what make.py makes: {path.relative_to(ROOT)}", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
