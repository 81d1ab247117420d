"""`D := D + grad J` in a loop over examples: D is the sum of the gradients of their costs."""

from __future__ import annotations

from symbackprop.formula.tree import Add, Array, Call, Deriv, Formula, Grad, Idx, Ref, Sum
from symbackprop.verifying.names.letters import FRESH
from symbackprop.verifying.understanding.differentials import RATES
from symbackprop.verifying.verdicts.verifier import Verifier


def find_accumulators(verifier: Verifier) -> None:
    """`D := D + grad J` in a loop over examples: D is the sum of the gradients of their costs."""
    per_sample: dict[str, Sum] = {}
    for d in verifier.u.definitions:
        for n in d.rhs.walk():
            if isinstance(n, Sum) and isinstance(n.body, Ref) and n.body.indices == (n.index,):
                per_sample[n.body.name.removesuffix("_up") + "_"] = n
    for s in verifier.u.statements:
        if s.sort != "update" or s.meant is None or len(s.meant.members) != 2:
            continue
        target, new = s.meant.members
        if not accumulates(verifier, target, new):
            continue
        assert isinstance(target, Ref | Array)
        assert isinstance(new, Add)
        rest = [t for t in new.terms if t != target]
        if len(rest) != 1 or not isinstance(rest[0], Grad | Deriv):
            continue
        grad = rest[0]
        total = per_sample.get(grad.of.name) if isinstance(grad.of, Ref) else None
        if total is None and isinstance(grad.of, Ref) and grad.of.name.endswith("_up"):
            total = per_sample.get(grad.of.name.removesuffix("_up") + "_")
        if total is None or not all(isinstance(i, Idx) for i in target.indices):
            continue
        letters = tuple(i.name for i in target.indices if isinstance(i, Idx))
        body = Grad(Ref(total.body.name, (Idx(FRESH),)), grad.by)  # type: ignore[attr-defined]
        verifier.session.accumulated[target.name] = (
            letters, Sum(body, Idx(FRESH), total.lower, total.upper)
        )  # fmt: skip


def accumulates(verifier: Verifier, target: Formula, new: Formula) -> bool:
    """`D := D + X`: a sum over a loop, of something that is no parameter of the network.

    A step with a learning rate adds nothing up, whatever it is that it changes.
    """
    if not isinstance(target, Ref | Array) or not isinstance(new, Add):
        return False
    session = verifier.session
    letters = {session.letter_of(n.name) for n in new.walk() if isinstance(n, Ref)} & RATES
    told = {session.letter_of(d.target) for d in session.u.definitions}
    formal = any(isinstance(n, Deriv | Grad) or _is_nabla(n) for n in new.walk())
    if (letters - told and not formal) or _descends(target, new):
        return False
    reads = session.once(
        "read", session.u, lambda: {n for d in session.u.definitions for n in session.reads(d)}
    )
    return target in new.terms and target.name not in reads


def _descends(target: Ref | Array, new: Formula) -> bool:
    """`b := b + η ∂C/∂b`: a derivative by what changes makes a step of learning, not a sum."""
    return any(
        isinstance(n, Deriv | Grad) and any(
            isinstance(x, Ref | Array) and x.name == target.name for x in n.by.walk()
        )
        for n in new.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.by, Formula)
    )  # fmt: skip


def _is_nabla(n: Formula) -> bool:
    return isinstance(n, Call) and n.name == "nabla"
