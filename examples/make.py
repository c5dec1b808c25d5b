#!/usr/bin/env python3
"""Makes the small example months of all companies but Fuheng from their own timelines: what their tests let happen in
March 2026, once as written and once again at the end of the month, so that some of it is overdue and some still due.

    python3 examples/make.py           writes examples/<company>-2026-03.ndjson
    python3 examples/make.py --check   says whether the files are what it would write
"""
import datetime
import json
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
DAY = re.compile(r"^2026-\d\d-\d\d")
# Kept out: what hangs on numbers that are given in the order of arrival.
LEFT_OUT = {"complaint.notice-issued", "complaint.remedied", "complaint.corrected"}


def moved(value, days):
    if isinstance(value, str) and DAY.match(value):
        on = datetime.date.fromisoformat(value[:10]) + datetime.timedelta(days=days)
        return on.isoformat() + value[10:]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return moved(value.isoformat(), days)
    return value


def standing(folder):
    kinds = set()
    for path in folder.glob("*.toml"):
        for kind, table in tomllib.loads(path.read_text("utf-8")).get("case", {}).items():
            if "standing" in table:
                kinds.add(kind)
    return kinds


def events_of(folder, own):
    begun = {}
    for path in sorted((folder / "tests").glob("*.toml")):
        for number, timeline in enumerate(tomllib.loads(path.read_text("utf-8")).get("timeline", [])):
            taken = [e for e in timeline.get("event", []) if "refused" not in e]
            if any(e["type"] in LEFT_OUT or not str(e["at"]).startswith("2026-03") for e in taken):
                continue
            for copy, days in enumerate((0, 23)):
                suffix = f"{path.stem}-{number + 1}{'ab'[copy]}"
                for place, event in enumerate(taken):
                    kind, name = event["type"].split(".", 1)
                    data = {k: moved(v, days) for k, v in event.get("data", {}).items()}
                    case = event["case"]
                    if kind in own:
                        if name in ("opened", "closed"):
                            begun[case] = kind
                            continue
                    else:
                        case = f"{case}-{suffix}"
                        data = {
                            k: v.replace(f"{event['case']}~", f"{case}~") if isinstance(v, str) else v
                            for k, v in data.items()
                        }
                        if "unit" in data:
                            data["unit"] = f"{data['unit']}-{suffix}"
                    at = moved(event["at"], days)
                    if at[:7] != "2026-03":
                        continue
                    line = {"id": f"2026-03-{suffix}-{place + 1}", "type": event["type"], "case": case, "occurred_at": at + "+08:00"}
                    if "actor" in event:
                        line["actor"] = event["actor"]
                    if data:
                        line["data"] = data
                    yield line
    for kind in sorted(own):
        yield {"id": f"2026-03-{kind}-opened", "type": f"{kind}.opened", "case": kind, "occurred_at": "2026-03-01T00:00:00+08:00"}


def main():
    wrong = []
    for folder in sorted((ROOT / "policies").iterdir()):
        company = folder.name
        if company in ("calendars", "fuheng") or not (folder / "company.toml").is_file():
            continue
        lines = sorted(events_of(folder, standing(folder)), key=lambda e: (e["occurred_at"], e["id"]))
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        path = ROOT / "examples" / f"{company}-2026-03.ndjson"
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text("utf-8") != text:
                wrong.append(path.name)
        else:
            path.write_text(text, "utf-8")
    if wrong:
        sys.exit("not what examples/make.py writes: " + ", ".join(wrong))


main()
