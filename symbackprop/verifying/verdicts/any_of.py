"""Claims about "any weight": `dC/dw = dz/dw dC/dz` where the document only has w_1 and w_2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from symbackprop.formula.tree import Array, Chain, Deriv, Formula, Grad, Ref
from symbackprop.judging.verdict import Verdict
from symbackprop.verifying.understanding.statement import Understanding

MOST = 6


def of_any(u: Understanding, chain: Chain, judge: Callable[[Chain], Verdict]) -> Verdict | None:
    """The verdict for each quantity that a bare letter may stand for; None if they do not agree.

    Only those count that the claim can be about: the others it cannot depend on.
    """
    found: list[tuple[str, Verdict]] = []
    for name, instance in instances(u, chain):
        verdict = judge(instance)
        if verdict.kind == "not_understood":
            if "does not depend on" not in verdict.reason:
                return None  # what may be wrong for one of them is not proved by the others
        else:
            found.append((u.resolver.symbols.names.get(name, name), verdict))
    if not found:
        return None
    first = found[0][1]
    if any(v.accepted != first.accepted for _, v in found):
        return None
    worst = next((v for _, v in found if v.kind != "proved"), first)
    return replace(
        worst, how=f"{worst.how}; for each of {', '.join(n for n, _ in found)}".lstrip("; ")
    )


def instances(u: Understanding, chain: Chain) -> Iterator[tuple[str, Chain]]:
    """The chain with a letter that no definition reads replaced by one with a script that one does."""
    read = {
        n.name for d in u.definitions for n in (*d.rhs.walk(), Ref(d.target)) if isinstance(n, Ref | Array)
    }  # fmt: skip
    bases = u.resolver.symbols.bases
    for by in dict.fromkeys(
        n.by.name
        for n in chain.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.by, Ref) and not n.by.indices
    ):
        if by in read:
            continue
        others = sorted(n for n in read if bases.get(n) == bases.get(by, "?") and n != by)
        for other in others[:MOST]:
            yield other, chain.rewrite_members(partial(_named, old=by, new=other))


def _named(n: Formula, old: str, new: str) -> Formula | None:
    return Ref(new, span=n.span) if isinstance(n, Ref) and n.name == old else None
