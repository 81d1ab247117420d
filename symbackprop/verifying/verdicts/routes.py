r"""Chain rules over several routes: `∂L/∂x_i = ∂L/∂\hat x_i ∂\hat x_i/∂x_i + ∂L/∂v ∂v/∂x_i + ∂L/∂μ ∂μ/∂x_i`.

Where v is made of μ, the sum is right with the direct partial derivatives, one route each, and wrong with
total ones, which count a route twice. The sign is the same for both: such a sum is not called wrong.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Add, Array, Chain, Deriv, Formula, Hadamard, MatMul, Mul, Ref
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.verdicts.verifier import Verifier

REASON = "a chain rule over several routes: its partial derivatives may be the direct ones, of one route each"


def judge_routes(verifier: Verifier, chain: Chain, verdict: Verdict) -> Verdict | None:
    """The verdict with such sums left open; None where none of the wrong members is one."""
    asked = verifier.session.last_asked.get(id(verdict))
    if asked is None or len(verdict.members) != len(chain.members) - 1:
        return None
    upstream = asked[0].upstream
    open_ = Verdict("not_understood", reason=REASON)
    own = []
    for m, v in zip(chain.members[1:], verdict.members, strict=True):
        nodes = routes(m)
        twice = any(a in upstream.get(b, ()) for a in nodes for b in nodes if a != b)
        own.append(open_ if twice and v.kind not in ACCEPTED else v)
    if open_ not in own:
        return None
    if all(v.kind in (*ACCEPTED, "not_understood") for v in own):
        return replace(open_, members=tuple(own))
    found = replace(verdict, members=tuple(own))  # another member is wrong
    verifier.session.last_asked[id(found)] = asked
    verifier.session.kept.append(found)
    return found


def routes(f: Formula) -> set[str]:
    """The quantities by way of which a sum of products goes; empty where it is no such sum."""
    if not isinstance(f, Add) or len(f.terms) < 2:
        return set()
    last = [
        {
            x.by: x.of.name
            for n in term.walk() if isinstance(n, Mul | MatMul | Hadamard)
            for x in n.factors if isinstance(x, Deriv) and isinstance(x.of, Ref | Array)
        }
        for term in f.terms
    ]  # fmt: skip
    ends = set(last[0]).intersection(*last[1:])
    return {nodes[end] for end in ends for nodes in last}


__all__ = ["judge_routes"]
