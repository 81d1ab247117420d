"""Targets of classes: beside a softmax, the y of `-Σ_k y_k log p_k` is a share and sums to 1.

Texts rarely say it (one-hot labels go without saying), but `p - y` is only true with it. The fact is
listed with every proof that uses it.
"""

from __future__ import annotations

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Div,
    Formula,
    MatMul,
    Mul,
    Neg,
    Num,
    Ones,
    Ref,
    Sum,
    Transpose,
)
from symbackprop.system.model import Fact
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Understanding, base_letter, has_derivative


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


def is_share(c: Chain, u: Understanding) -> bool:
    """`y_1 + y_2 + y_3 = 1` of free numbers: a fact, from which the last of them follows."""
    if len(c.members) != 2 or c.members[1] != Num("1") or c.relations[0] != "=":
        return False
    left = c.members[0]
    if not isinstance(left, Add) or not all(isinstance(t, Ref) for t in left.terms):
        return False
    terms = [t for t in left.terms if isinstance(t, Ref)]
    names = {t.name for t in terms}
    letters = {base_letter(t, u).rstrip("0123456789") for t in terms}  # Y1 is one of the Y
    if {d.target for d in u.definitions} & names or len(letters) > 1:
        return False
    if len(names) == 1:
        entries = [t.indices for t in terms]
        if entries != [(Num(str(k)),) for k in range(1, len(terms) + 1)]:
            return False
        u.facts.setdefault(terms[0].name, set()).add(Fact("sums to 1", over="#0"))
        return True
    if len(names) < len(terms) or any(t.indices for t in terms):
        return False
    *others, last = terms
    rest = Add((Num("1"), *(Neg(t) for t in others)))
    u.definitions.append(Definition(last.name, (), False, rest, 0))
    return True


def _is_softmax(f: Formula) -> bool:
    if isinstance(f, Call):
        return f.name == "softmax"
    below = f.den if isinstance(f, Div) else None
    if isinstance(below, MatMul | Mul) and len(below.factors) == 2:
        ones, powers = below.factors  # 1^T e^q
        row = isinstance(ones, Transpose) and isinstance(ones.body, Ones)
        return row and isinstance(powers, Call) and powers.name == "exp"
    return isinstance(below, Sum) and isinstance(below.body, Call) and below.body.name == "exp"


def _complement(f: Formula) -> bool:
    """`log(1 - …)`."""
    return isinstance(f, Call) and f.name in ("log", "ln") and isinstance(f.args[0], Add)


def _targets(f: Formula) -> list[tuple[str, int]]:
    """What stands beside a logarithm in a sum over its own index: name, and which index it is."""
    if isinstance(f, Sum):
        factors = f.body.factors if isinstance(f.body, Mul | MatMul) else ()
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
