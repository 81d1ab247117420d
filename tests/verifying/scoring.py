"""Scores reports against expected verdicts: strangers' documents and the five sources."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from symbackprop.verifying.results import WRONG, Report
from symbackprop.verifying.verify import verify

ACCEPT = ("proved", "agrees", "definition")
STRANGERS = Path(__file__).parent / "strangers"


def fits(expect: str, verdict: str) -> bool:
    """Whether a verdict is what a perfect judge would say."""
    if expect in ("definition", "accepted"):
        return verdict in ACCEPT
    if expect == "rejected":
        return verdict in WRONG
    return verdict not in WRONG


@cache
def score_document(path: Path) -> list[tuple[int, str, str, str]]:
    """(line, expected, verdict, latex) of every expected piece of a stranger's document."""
    expected = json.loads(Path(f"{path}.expect.json").read_text(encoding="utf-8"))
    report: Report = verify(path, budget=20)
    by_line: dict[int, list[tuple[str, str, str]]] = {}
    for e in report.equations:
        by_line.setdefault(e.line, []).append((e.latex, e.verdict, e.reason))
    rows = []
    for one in expected:
        key = "".join(one["latex"].replace("```math", "").split())[:25]
        here = by_line.get(one["line"], [])
        match = [e for e in here if key[:12] in "".join(e[0].split())] or here
        verdict = match[0][1] if match else "absent"
        rows.append(
            (
                one["line"],
                one["expect"],
                verdict,
                one["latex"][:60] + " | " + (match[0][2][:110] if match else ""),
            )
        )
    return rows


def strangers() -> list[Path]:
    return sorted(
        p for p in STRANGERS.iterdir() if p.suffix != ".json" and Path(f"{p}.expect.json").exists()
    )


if __name__ == "__main__":
    import sys

    total = right = bad = false_alarm = 0
    show = "-v" in sys.argv
    only = [a for a in sys.argv[1:] if not a.startswith("-")]
    for path in strangers():
        if only and not any(o in path.name for o in only):
            continue
        rows = score_document(path)
        good = [r for r in rows if fits(r[1], r[2])]
        total += len(rows)
        right += len(good)
        accepted = [r for r in rows if r[1] == "rejected" and r[2] in ACCEPT]
        alarms = [r for r in rows if r[1] in ("definition", "accepted") and r[2] in WRONG]
        bad += len(accepted)
        false_alarm += len(alarms)
        print(
            f"{path.name:24} right {len(good):2} of {len(rows):2}; "
            f"false accepted {len(accepted)}; false alarms {len(alarms)}"
        )
        if show:
            for r in rows:
                if not fits(r[1], r[2]):
                    print("     ", *r)
    print(f"total: right {right} of {total}; false accepted {bad}; false alarms {false_alarm}")
