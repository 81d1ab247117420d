"""Targets of classes: beside a softmax, the y of `-Σ_k y_k log p_k` is a share and sums to 1.

Texts rarely say it (one-hot labels go without saying), but `p - y` is only true with it. The fact is
listed with every proof that uses it.
"""

from __future__ import annotations

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Div,
    Formula,
    MatMul,
    Mul,
    Ref,
    Sum,
    Transpose,
)
from symbackprop.system.model import Fact
from symbackprop.verifying.understanding.statement import Understanding, has_derivative


def assume_shares(u: Understanding) -> None:
    """Adds the fact to targets in a cross-entropy over classes, where classes share by softmax."""
    forward = [d for d in u.definitions if not has_derivative(d.rhs)]
    if not any(_is_softmax(n) for d in forward for n in d.rhs.walk()):
        return
    defined = {d.target for d in forward}
    for d in forward:
        if any(_complement(n) for n in d.rhs.walk()):
            continue  # y log a + (1 - y) log(1 - a): every output is a share of its own
        for n in d.rhs.walk():
            for name, place in _targets(n):
                if name not in defined:
                    u.facts.setdefault(name, set()).add(Fact("sums to 1", over=f"#{place}"))


def _is_softmax(f: Formula) -> bool:
    if isinstance(f, Call):
        return f.name == "softmax"
    below = f.den if isinstance(f, Div) else None
    return isinstance(below, Sum) and isinstance(below.body, Call) and below.body.name == "exp"


def _complement(f: Formula) -> bool:
    """`log(1 - …)`."""
    return isinstance(f, Call) and f.name in ("log", "ln") and isinstance(f.args[0], Add)


def _targets(f: Formula) -> list[tuple[str, int]]:
    """What stands beside a logarithm in a sum over its own index: name, and which index it is."""
    if isinstance(f, Sum):
        factors = f.body.factors if isinstance(f.body, Mul) else ()
        if any(isinstance(x, Call) and x.name in ("log", "ln") for x in factors):
            return [
                (x.name, x.indices.index(f.index))
                for x in factors if isinstance(x, Ref) and f.index in x.indices
            ]  # fmt: skip
    if isinstance(f, MatMul | Mul) and len(f.factors) == 2:
        first, second = f.factors
        log = isinstance(second, Call) and second.name in ("log", "ln")
        if log and isinstance(first, Transpose) and isinstance(first.body, Array):
            return [(first.body.name, len(first.body.indices))]
    return []
