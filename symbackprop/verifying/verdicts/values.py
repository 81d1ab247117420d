"""Statements in numbers, and letters with numbers put in."""

from __future__ import annotations

import re

from symbackprop.formula.tree import Call, Chain, Formula, Neg, Num, Ref, Sym
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.claims import judge_claim
from symbackprop.verifying.verdicts.numeric import judge_numbers
from symbackprop.verifying.verdicts.verifier import Verifier

SUPPOSED = re.compile(r"(?:\b(?:if|when|suppose|for|falls|wenn|si)|若|当|如果)\s*$", re.IGNORECASE)
"""Prose before a number that is supposed, not claimed."""


def judge_mixed(verifier: Verifier, s: Statement) -> Verdict | None:
    """`n = w x + b = 0.15*0.05 + 0.35 = 0.3575`: letters first, then numbers put in."""
    members = s.chain.members
    numeric = [
        not any(isinstance(n, Sym | Ref | Call) and not _plain_call(n) for n in m.walk())
        and any(isinstance(n, Num) and "." in n.text for n in m.walk())
        for m in members
    ]
    if not any(numeric) or s.sort == "update":
        return None
    letters = [i for i, is_numeric in enumerate(numeric) if not is_numeric]
    verdict = judge_numbers(s.chain, verifier.values)
    head = members[0]
    if (
        isinstance(head, Sym)
        and is_number(members[-1])
        and (verdict is None or verdict.kind != "refuted")
    ):
        verifier.values.setdefault(head, members[-1])
    found: Verdict | None = None
    if len(letters) > 1 and s.meant is not None:
        kept = tuple(s.meant.members[i] for i in letters)
        chain = Chain(kept, ("=",) * (len(kept) - 1))
        found = (
            Verdict("definition", how="introduces a name")
            if s.defines and len(kept) == len(s.defines) + 1
            else judge_claim(verifier, s, chain)
        )
    if verdict is None or (found is not None and found.kind not in ACCEPTED):
        return found or Verdict("not_understood", reason="a number that could not be calculated")
    own = list(verdict.members)
    for k, i in enumerate(letters[1:]):
        if found is not None:
            own[i - 1] = found.members[k] if k < len(found.members) else found
    return Verdict(verdict.kind, verdict.how, verdict.reason, tuple(own), verdict.counterexample)


def judge_values(verifier: Verifier, s: Statement) -> Verdict:
    """A value, or a calculation in numbers."""
    head = s.chain.members[0]
    if isinstance(head, Sym) and SUPPOSED.search(s.piece.before) and not s.piece.display:
        return Verdict("definition", how="a supposition")
    verdict = judge_numbers(s.chain, verifier.values)
    if isinstance(head, Sym) and head not in verifier.values:
        number = next((m for m in reversed(s.chain.members) if is_number(m)), s.chain.members[-1])
        if verdict is None or verdict.kind != "refuted":
            verifier.values[head] = number
    if verdict is not None:
        return verdict
    if isinstance(head, Sym) and is_number(s.chain.members[-1]):
        return Verdict("definition", how="a value")
    return Verdict("not_understood", reason="a number that could not be calculated")


def _plain_call(n: Formula) -> bool:
    return isinstance(n, Call) and n.name in ("exp", "log", "sqrt", "tanh")


def is_number(f: Formula) -> bool:
    return isinstance(f, Num) or (isinstance(f, Neg) and isinstance(f.body, Num))
