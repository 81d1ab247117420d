"""Order hazards: a quantity is updated, then a later step of the procedure reads its old value."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Deriv, Formula, Grad, Ref
from symbackprop.verifying.results import Finding
from symbackprop.verifying.understanding.statement import Statement

Steps = tuple[int, int, int]
Rows = tuple[list[Statement], list[Statement], list[Statement]]


def hazards(statements: list[Statement]) -> list[Finding]:
    """In a procedure (updates and error assignments only): w <- …, then delta = … w …, then w' <- … delta.

    A derivation, where derivatives are claimed between, is no procedure.
    """
    found: list[Finding] = []
    for run in _procedures(statements):
        found += [_finding(*rows) for rows in _stale_uses(run).values()]
    return found


def _stale_uses(run: list[Statement]) -> dict[Steps, Rows]:
    """The updates, the steps that read what they changed and the updates that use those, step by step.

    Neighbouring updates are one step, and neighbouring errors: a layer's weights make one hazard.
    """
    updated: dict[str, tuple[int, Statement]] = {}
    stale: dict[str, list[tuple[int, Statement, int, Statement]]] = {}
    found: dict[Steps, Rows] = {}
    step = 0
    before: bool | None = None
    for s in run:
        assert s.meant is not None
        head = s.meant.members[0]
        if not isinstance(head, Ref | Array):
            continue
        updates = s.sort == "update"
        step += updates != before
        before = updates
        reads = {
            _key(n) for m in s.meant.members[1:] for n in m.walk() if isinstance(n, Ref | Array)
        }
        if updates:
            for name in sorted(reads & set(stale)):
                for at, first, then, second in stale[name]:
                    rows = found.setdefault((at, then, step), ([], [], []))
                    for row, one in zip(rows, (first, second, s), strict=True):
                        if not any(x is one for x in row):
                            row.append(one)
            updated[_key(head)] = step, s
        else:
            for name in sorted(reads & set(updated)):
                stale.setdefault(_key(head), []).append((*updated[name], step, s))
    return found


def _procedures(statements: list[Statement]) -> list[list[Statement]]:
    runs: list[list[Statement]] = []
    current: list[Statement] = []
    for s in statements:
        if s.meant is None or s.sort in ("remark", "shape", "fact", "numeric"):
            continue
        head = s.meant.members[0]
        derivative = any(isinstance(n, Deriv | Grad) for n in s.meant.walk())
        if s.sort == "update" or (isinstance(head, Ref | Array) and not derivative):
            current.append(s)
        else:
            runs.append(current)
            current = []
    runs.append(current)
    return [r for r in runs if sum(s.sort == "update" for s in r) >= 2]


def _key(n: Ref | Array) -> str:
    return f"{n.name}{[_text(i) for i in n.indices]}"


def _text(f: Formula) -> str:
    return repr(f)


def _finding(first: list[Statement], second: list[Statement], third: list[Statement]) -> Finding:
    changed, read, used = _lines(first, "update"), _lines(second, "read"), _lines(third, "use")
    places = dict.fromkeys((s.piece.file, s.piece.line) for s in (*first, *second, *third))
    some = "a weight" if len(first) == 1 else "weights"
    return Finding(
        "H401",
        "order hazard",
        tuple(places),
        f"{changed} {some} that {read} afterwards, and {used} the result: "
        "compute every error before any update",
    )


def _lines(rows: list[Statement], verb: str) -> str:
    numbers = sorted({s.piece.line for s in rows})
    if len(numbers) == 1:
        return f"line {numbers[0]} {verb}s"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} {verb}"
