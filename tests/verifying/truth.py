"""The five source documents against the ground truth: a confusion table, entry by entry."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from symbackprop.verifying.results import EquationResult
from symbackprop.verifying.verify import verify

SHARED = Path(os.environ.get("SYMBACKPROP_SOURCES", Path(__file__).parents[3] / "shared"))
SEEDS, TRUTH = SHARED / "seeds", SHARED / "ground-truth" / "seed_equations.jsonl"
SIDECARS = Path(__file__).parent / "sidecars"

GOOD = {
    "proven": ("proved", "agrees"),
    "refuted": ("refuted", "ill_formed"),
    "warn": ("misprint",),
    "accept-definition": ("definition", "proved"),
    "accept-update": ("proved", "agrees"),
    "inconsistent-definition": ("inconsistent",),
    "not-understood": ("not_understood",),
}
FLAGGED = ("refuted", "ill_formed", "inconsistent", "misprint")
ACCEPTED = ("proved", "agrees", "definition")


@dataclass(frozen=True, slots=True)
class Row:
    seed: str
    n: int
    line: int
    expect: str
    truth: str
    verdict: str
    noted: bool
    latex: str
    reason: str
    members: tuple[str, ...]
    links: tuple[str, ...]

    @property
    def exact(self) -> bool:
        if self.expect == "warn" and self.verdict in ACCEPTED and self.noted:
            return True
        if self.expect == "accept-definition" and self.verdict == "agrees":
            return True
        if self.expect == "proven" and self.verdict == "definition":
            return True
        if self.expect == "accept-update" and self.verdict == "definition":
            return True
        return self.verdict in GOOD[self.expect]


def entries() -> list[dict[str, object]]:
    with TRUTH.open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [e for e in found if e["expect"] != "skip"]


def squeeze(latex: str) -> str:
    return "".join(latex.split())


def judged(only: str = "") -> list[Row]:
    """A row for every entry of the ground truth that is more than a symbol in prose."""
    rows: list[Row] = []
    for path in sorted(SEEDS.glob("*.txt")):
        if only and only not in path.name:
            continue
        sidecar = SIDECARS / f"{path.stem}.symbackprop.toml"
        report = verify(path, sidecar=sidecar if sidecar.exists() else None)
        noted = {line for f in report.findings for _, line in f.equations}
        left = list(report.equations)
        for e in entries():
            if e["seed"] != path.name:
                continue
            found = _match(left, str(e["latex"]), int(str(e["line"])))
            if found is not None:
                left.remove(found)
            links = e["links"]
            assert isinstance(links, list)
            rows.append(
                Row(
                    path.name[:3], int(str(e["n"])), int(str(e["line"])), str(e["expect"]), str(e["truth"]),
                    found.verdict if found else "absent",
                    bool(found and found.line in noted),
                    str(e["latex"]),
                    (found.reason or found.diagnosis) if found else "",
                    tuple(m.verdict for m in found.members) if found else (),
                    tuple(str(k["truth"]) for k in links),
                )
            )  # fmt: skip
    return rows


def _match(left: list[EquationResult], latex: str, line: int) -> EquationResult | None:
    here = [e for e in left if abs(e.line - line) <= 1]
    for e in here:
        if squeeze(e.latex) == squeeze(latex):
            return e
    for e in here:
        if squeeze(latex)[:30] in squeeze(e.latex) or squeeze(e.latex)[:30] in squeeze(latex):
            return e
    return None


def summary(rows: list[Row]) -> dict[str, int]:
    false = [r for r in rows if r.truth == "false"]
    true = [r for r in rows if r.truth == "true"]
    warn = [r for r in rows if r.expect == "warn"]
    return {
        "entries": len(rows),
        "false": len(false),
        "false flagged": sum(r.verdict in FLAGGED for r in false),
        "false accepted": sum(r.verdict in ACCEPTED for r in false),
        "true": len(true),
        "true accepted": sum(r.verdict in ACCEPTED for r in true),
        "true flagged": sum(r.verdict in FLAGGED for r in true),
        "warn": len(warn),
        "warn right": sum(
            r.verdict == "misprint" or (r.noted and r.verdict in ACCEPTED) for r in warn
        ),
        "exact": sum(r.exact for r in rows),
    }


if __name__ == "__main__":
    found = judged(sys.argv[1] if len(sys.argv) > 1 else "")
    for seed in sorted({r.seed for r in found}):
        table = Counter((r.expect, r.verdict) for r in found if r.seed == seed)
        print(seed, dict(sorted((f"{a} -> {b}", n) for (a, b), n in table.items())))
    for r in found:
        if not r.exact:
            print(
                f"  {r.seed} {r.n:3} l.{r.line} {r.expect} {r.truth} -> {r.verdict} | {r.latex[:60]!r} | {r.reason}"
            )
    print(summary(found))
