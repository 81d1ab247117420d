"""Wrong versions of right documents, a table an operator: accepted must be 0, repaired 85 %.

python benchmarks/mutations.py --per-operator 1000 --workers 16 --json mutations.json

Three sources: members of the displays of generated documents (all of the gallery, other networks in
several notations and views), claims of own networks, and definitions of own networks (one in a
document). Each edit is checked to change the value in high precision (mpmath), each suggestion to
give it back; the judge's code takes no part in either. Those that leave no value at all (an index
out of range) are counted apart.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "verifying")]

from mutation.edits import OPERATORS  # noqa: E402
from mutation.nets import NETS, make  # noqa: E402
from mutation.own import (  # noqa: E402
    judged_claims,
    judged_definition,
    wrong_claims,
    wrong_definitions,
)
from mutation.printed import DOCUMENTS, Key, Printed  # noqa: E402
from mutation.scores import Score, scored, sound  # noqa: E402

Task = tuple[str, Any, str, int, int]  # source, document, operator, how many, seed
SHARES = {"printed": 0.5, "claims": 0.58, "definitions": 0.07}
"""More than the whole: not every document has enough places for every operator."""


def tasks(per_operator: int, seed: int) -> list[Task]:
    """All work, the documents that take longest first."""
    found: list[Task] = []
    for source, documents in (("printed", DOCUMENTS), ("definitions", NETS), ("claims", NETS)):
        share = math.ceil(per_operator * SHARES[source] / len(documents))
        for key in documents:
            for operator in OPERATORS:
                many = 3 if operator == "transpose" and source != "definitions" else 1
                found.append((source, key, operator, many * share, seed))
    return found


@cache
def document(key: Key) -> Printed:
    p = Printed(key)
    p.keep(sound(p))
    return p


def work(task: Task) -> tuple[str, list[Score], float]:
    """The scores of one task."""
    start = time.perf_counter()
    return task[0], list(_scores(*task)), time.perf_counter() - start


def _scores(source: str, key: Any, operator: str, count: int, seed: int) -> Iterator[Score]:
    if source == "printed":
        p = document(key)
        yield from scored(p, p.edits(operator, count, seed))
        return
    net = make(*key)
    if source == "claims":
        yield from judged_claims(net, wrong_claims(net, operator, count, seed), operator)
        return
    for wrong, false in wrong_definitions(net, operator, count, seed):
        yield judged_definition(net, wrong, false, operator)


def table(rows: list[tuple[str, Score]]) -> str:
    """A line an operator, and one for all."""
    lines = [
        f"{'operator':15} {'edits':>6} {'accepted':>9} {'flagged':>8} {'not understood':>15} "
        f"{'repaired':>9} {'%':>6}   repaired by source"
    ]
    for operator in (*OPERATORS, "all"):
        mine = [(w, s) for w, s in rows if operator in (s.operator, "all")]
        if not mine:
            continue
        parts = []
        for source in SHARES:
            some = [s for w, s in mine if w == source]
            if some:
                parts.append(f"{source} {sum(s.repaired for s in some)}/{len(some)}")
        count = len(mine)
        repaired = sum(s.repaired for _, s in mine)
        lines.append(
            f"{operator:15} {count:6} {sum(s.accepted for _, s in mine):9} "
            f"{sum(s.flagged for _, s in mine):8} "
            f"{sum(not s.accepted and not s.flagged for _, s in mine):15} "
            f"{repaired:9} {100 * repaired / count:6.1f}   {', '.join(parts)}"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--per-operator", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="every edit with its verdict")
    parser.add_argument("--only", choices=tuple(SHARES), action="append", help="some sources only")
    given = parser.parse_args()
    todo = [t for t in tasks(given.per_operator, given.seed) if t[0] in (given.only or SHARES)]
    rows: list[tuple[str, Score]] = []
    start = time.perf_counter()
    # Half of a document's tasks stay together: it is derived and evaluated once in a process.
    groups: dict[Any, list[Task]] = {}
    half = len(OPERATORS) // 2
    for task in todo:
        part = list(OPERATORS).index(task[2]) < half
        groups.setdefault((task[0], task[1], part), []).append(task)
    with multiprocessing.get_context("spawn").Pool(given.workers) as pool:
        for k, found in enumerate(pool.imap_unordered(_group, list(groups.values())), 1):
            rows += found
            said = f"{k}/{len(groups)} parts, {len(rows)} edits"
            print(f"{said}, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    print(table(rows))
    for source, s in [r for r in rows if r[1].accepted]:
        print(f"ACCEPTED ({source}, {s.document}, {s.operator}): {s.before}  ->  {s.after}")
    print(f"{len(rows)} edits, seed {given.seed}, {time.perf_counter() - start:.0f} s")
    if given.json:
        data = [{"source": w, **asdict(s)} for w, s in rows]
        given.json.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    return int(any(s.accepted for _, s in rows))


def _group(group: list[Task]) -> list[tuple[str, Score]]:
    return [(task[0], s) for task in group for s in work(task)[1]]


if __name__ == "__main__":
    sys.exit(main())
