"""Order hazards: a quantity is updated, then a later step of the procedure reads its old value."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Deriv, Formula, Grad, Ref
from symbackprop.verifying.results import Finding
from symbackprop.verifying.understanding.statement import Statement


def hazards(statements: list[Statement]) -> list[Finding]:
    """In a procedure (updates and error assignments only): w <- …, then delta = … w …, then w' <- … delta.

    A derivation, where derivatives are claimed between, is no procedure.
    """
    found: list[Finding] = []
    for run in _procedures(statements):
        updated: dict[str, Statement] = {}
        stale: dict[str, tuple[Statement, Statement, str]] = {}
        reported: set[str] = set()
        for s in run:
            assert s.meant is not None
            head = s.meant.members[0]
            if not isinstance(head, Ref | Array):
                continue
            key = _key(head)
            reads = {
                _key(n) for m in s.meant.members[1:] for n in m.walk() if isinstance(n, Ref | Array)
            }
            if s.sort == "update":
                for name in sorted(reads):
                    if name in stale and name not in reported:
                        first, second, w = stale[name]
                        reported.add(name)
                        found.append(_finding(first, second, s, w))
                updated[key] = s
            else:
                for name in sorted(reads & set(updated)):
                    stale.setdefault(key, (updated[name], s, name))
    return found[-1:] if len(found) > 4 else found


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


def _finding(first: Statement, second: Statement, third: Statement, name: str) -> Finding:
    pieces = (first.piece, second.piece, third.piece)
    return Finding(
        "H401",
        "order hazard",
        tuple((p.file, p.line) for p in pieces),
        f"line {first.piece.line} updates a weight that line {second.piece.line} reads afterwards, and line "
        f"{third.piece.line} uses the result: compute every error before any update",
    )
