"""Wrong versions of right documents, a table an operator: accepted must be 0, repaired 85 %.

python benchmarks/mutations.py --per-operator 1000 --workers 16 --json mutations.jsonl
python benchmarks/mutations.py --per-operator 1000 --workers 16 --json mutations.jsonl --resume

Every edit is a line of the file as soon as it is judged, so that nothing of an interrupted run is
lost: the table of what is there is printed then, and `--resume` does what is missing.

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
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
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


def scores(task: Task) -> Iterator[Score]:
    """The scores of one task, one after the other."""
    source, key, operator, count, seed = task
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
    parser.add_argument("--json", type=Path, help="a line for every edit, with its verdict")
    parser.add_argument("--resume", action="store_true", help="go on with the file of --json")
    parser.add_argument("--only", choices=tuple(SHARES), action="append", help="some sources only")
    given = parser.parse_args()
    if given.resume and not given.json:
        parser.error("--resume needs --json FILE")
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        journal = Journal(given.json or Path(scratch) / "mutations.jsonl")
        try:
            done = journal.begin([given.per_operator, given.seed], given.resume)
        except ValueError as problem:
            parser.error(str(problem))
        todo = [t for t in tasks(given.per_operator, given.seed) if t[0] in (given.only or SHARES)]
        left = groups([t for t in todo if name(t) not in done], journal.path)
        signal.signal(signal.SIGTERM, _stop)
        finished = True
        try:
            with multiprocessing.get_context("spawn").Pool(given.workers, _ignore) as pool:
                for k, count in enumerate(pool.imap_unordered(_group, left), 1):
                    said = f"{k}/{len(left)} parts, the last of {count} edits"
                    print(
                        f"{said}, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True
                    )
        except KeyboardInterrupt:
            finished = False
        rows = journal.scores()
    print(table(rows))
    for source, s in [r for r in rows if r[1].accepted]:
        print(f"ACCEPTED ({source}, {s.document}, {s.operator}): {s.before}  ->  {s.after}")
    print(
        f"{len(rows)} edits, seed {given.seed}, {time.perf_counter() - start:.0f} s"
        + ("" if finished else ", interrupted")
    )
    return int(not finished or any(s.accepted for _, s in rows))


def groups(todo: list[Task], path: Path) -> list[tuple[Path, list[Task]]]:
    """Half of a document's tasks stay together: it is derived and evaluated once in a process."""
    found: dict[Any, list[Task]] = {}
    half = len(OPERATORS) // 2
    for task in todo:
        part = list(OPERATORS).index(task[2]) < half
        found.setdefault((task[0], task[1], part), []).append(task)
    return [(path, group) for group in found.values()]


def name(task: Task) -> str:
    """The task in words; the same in every run."""
    source, key, operator, _, _ = task
    return f"{source} {key} {operator}"


@dataclass(frozen=True, slots=True)
class Journal:
    """A file of lines: what was asked for, then edits and finished tasks as they come."""

    path: Path

    def begin(self, asked: list[int], resume: bool) -> set[str]:
        """A new file, or the finished tasks of an old one, whose half-done tasks are taken out.

        Raises ValueError if the old one is of another run.
        """
        lines = self.lines() if resume and self.path.exists() else []
        if lines and lines[0].get("asked") != asked:
            raise ValueError(f"{self.path} was begun with other numbers: {lines[0].get('asked')}")
        done = {x["done"] for x in lines if "done" in x}
        kept = [x for x in lines[1:] if x.get("task", x.get("done")) in done]
        new = self.path.with_name(f"{self.path.name}.new")
        text = "".join(_line(x) for x in [{"asked": asked}, *kept])
        new.write_text(text, encoding="utf-8")
        new.replace(self.path)
        return done

    def lines(self) -> list[dict[str, Any]]:
        """All lines; one that was cut off is left out."""
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def add(self, data: dict[str, Any]) -> None:
        """One line more. Several processes write to the file, each whole lines."""
        with self.path.open("ab", buffering=0) as file:
            file.write(_line(data).encode())

    def scores(self) -> list[tuple[str, Score]]:
        """All edits so far, each with its source."""
        own = {f.name for f in fields(Score)}
        return [
            (x["source"], Score(**{k: v for k, v in x.items() if k in own}))
            for x in self.lines()
            if "task" in x
        ]


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False) + "\n"


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _ignore() -> None:
    """An interrupt is for the process that prints the table; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _group(given: tuple[Path, list[Task]]) -> int:
    journal, group = Journal(given[0]), given[1]
    count = 0
    for task in group:
        for s in scores(task):
            journal.add({"source": task[0], "task": name(task), **asdict(s)})
            count += 1
        journal.add({"done": name(task)})
    return count


if __name__ == "__main__":
    sys.exit(main())
