"""Every built-in network in every notation, view, format and language, and random networks, verified.

python benchmarks/round_trip.py [--results FILE] [--random N] [--only PART ...]

Every document is one line of JSON in FILE (default round_trip.jsonl), written as soon as it is judged: a
run that was stopped goes on where it was. At the end, and with `--table` alone, the documents
that are clean (all proved or definitions but at most 1%, nothing worse than `agrees`) are counted
by view, notation, network, format and language. PART is a piece of a document's name, as in
`elman/csdn`; a document is listed anew when its line is removed from FILE.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verifying"))

from round_trip import Outcome, Row, checked, grid, random_rows, text_of

from symbackprop.api.deriving import Derivation

FACETS = ("views", "notation", "network", "format", "language")


def known_of(results: Path) -> dict[str, dict[str, object]]:
    """The documents that are judged already."""
    if not results.exists():
        return {}
    lines = (json.loads(line) for line in results.read_text(encoding="utf-8").splitlines() if line)
    return {str(line["name"]): line for line in lines}


def line_of(row: Row, found: Outcome | None, seconds: float) -> dict[str, object]:
    told: dict[str, object] = {
        "name": row.name,
        **{facet: getattr(row, facet) for facet in FACETS},
        "views": "+".join(row.views or ("default",)),
        "seconds": round(seconds, 2),
    }
    if found is None:
        return {**told, "written": False}
    bad = [
        [e.line, e.verdict, e.reason or e.diagnosis, " ".join(e.latex.split())] for e in found.bad
    ]
    return {**told, "written": True, "counts": dict(found.counts), "clean": not found.fails, "bad": bad}  # fmt: skip


def run(rows: Iterator[Row], results: Path, only: list[str], keep: Path | None) -> None:
    known = known_of(results)
    derived: dict[str, Derivation | None] = {}
    with results.open("a", encoding="utf-8") as out:
        for row in rows:
            if row.name in known or (only and not any(part in row.name for part in only)):
                continue
            start = time.process_time()
            if row.source not in derived:
                derived[row.source] = row.derivation()
            told = derived[row.source]
            text = None if told is None else text_of(told, row.format, row.language)
            found = None if text is None else checked(text)
            line = line_of(row, found, time.process_time() - start)
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            out.flush()
            known[row.name] = line
            if found is not None and found.fails:
                print(f"{row.name}: {dict(found.counts)}", flush=True)
                if keep is not None and text is not None:
                    suffix = "tex" if row.format == "tex" else "md"
                    place = keep / (row.name.replace("/", "__") + f".{suffix}")
                    place.write_text(text, encoding="utf-8")


def table(lines: dict[str, dict[str, object]]) -> int:
    """Print the counts; 1 if a document is not clean."""
    judged = [line for line in lines.values() if line["written"]]
    for facet in FACETS:
        print(f"\n| {facet} | documents | clean | statements | proved or defined | agree | worse |")
        print("|---|---|---|---|---|---|---|")
        values = dict.fromkeys(str(line[facet]) for line in judged)
        for value in values:
            _row(value, [line for line in judged if str(line[facet]) == value])
    print()
    _row("all", judged)
    left = [line for line in judged if not line["clean"]]
    for line in left:
        print(f"\n{line['name']}: {line['counts']}")
        for place, verdict, reason, latex in line["bad"]:  # type: ignore[attr-defined]
            print(f"    line {place}: {verdict}: {reason[:90]}: {latex[:90]}")
    return 1 if left else 0


def _row(name: str, lines: list[dict[str, object]]) -> None:
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line["counts"])  # type: ignore[arg-type]
    every = sum(counts.values())
    good = counts["proved"] + counts["definition"]
    clean = sum(bool(line["clean"]) for line in lines)
    worse = every - good - counts["agrees"]
    print(
        f"| {name} | {len(lines)} | {clean} ({100 * clean / max(len(lines), 1):.1f}%) | {every:,} "
        f"| {100 * good / max(every, 1):.2f}% | {counts['agrees']} | {worse} |"
    )


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)  # fmt: skip
    asked.add_argument("--results", type=Path, default=Path("round_trip.jsonl"))
    asked.add_argument("--random", type=int, default=0, help="so many random networks too")
    asked.add_argument("--only", nargs="*", default=[], help="pieces of the documents' names")
    asked.add_argument("--keep", type=Path, help="folder for the documents that are not clean")
    asked.add_argument("--table", action="store_true", help="only the table of what is judged")
    given = asked.parse_args()
    if not given.table:
        if given.keep is not None:
            given.keep.mkdir(parents=True, exist_ok=True)
        run(grid(), given.results, given.only, given.keep)
        run(random_rows(given.random), given.results, given.only, given.keep)
    return table(known_of(given.results))


if __name__ == "__main__":
    sys.exit(main())
