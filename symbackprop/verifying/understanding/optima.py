r"""Where a cost is smallest: `\hat w = (X^T X)^{-1} X^T y`, `∇J = 0 ⇒ X^T X w = X^T y`.

`w = M^{-1} N` says `M w = N`, and that is what `∇J = 0` says where the gradient is a multiple of
`M w - N`. So no inverse has to be found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import (
    Add,
    Array,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Idx,
    MatMul,
    Mul,
    Neg,
    Num,
    Ones,
    Pow,
    Ref,
    Sym,
)
from symbackprop.verifying.names.resolve import Unclear
from symbackprop.verifying.understanding.set_to_zero import follows_from_zero
from symbackprop.verifying.understanding.statement import Optimum, Statement, Understanding

IDENTITY = Array("I_")
"""The identity matrix, where the text defines no I."""

_WORDS = re.compile(
    r"\b(?:minimi[sz]\w*|minimum|minima|optim\w+|solution|solv\w+|closed[- ]form|normal\s+equations?|least[- ]squares"
    r"|estimat\w+|vanish\w*|stationary|(?:to|equal)\s+(?:zero|0))\b|最小|最优|正规方程",
    re.IGNORECASE,
)
_BEST = frozenset(("*", "star", "ast", "opt", "min", "ols", "OLS", "ML", "MLE", "LS", "ridge"))


def optimum_of(s: Statement, u: Understanding, statements: Sequence[Statement]) -> Optimum | None:
    """The equation of the minimum that a statement gives, resolved; None where it gives none."""
    chain = s.chain
    if set(chain.relations) != {"="}:
        return None
    if follows_from_zero(s, statements):
        meant = _resolved(chain, u)
        return None if meant is None else Optimum(meant)
    plain = _best(chain.members[0])
    if plain is None or len(chain.members) != 2:
        return None
    # What stands in this statement is looked at first: the whole text only where that may be a minimum.
    inverse = _has_inverse(chain.members[1])
    if not inverse and not _WORDS.search(_sentence(s, u)):
        return None
    names = {n for x in statements if x is not s for n in x.chain.walk() if isinstance(n, Sym)}
    if plain not in names or any(n == plain for n in chain.members[1].walk()):
        return None
    known = plain != chain.members[0] or any(
        isinstance(n, Deriv | Grad) and n.by == plain for x in statements for n in x.chain.walk()
    )
    if not inverse and not known:
        return None
    meant = _resolved(Chain((plain, *chain.members[1:]), chain.relations, span=chain.span), u)
    if meant is None or not _is_learned(meant.members[0], u):
        return None
    left, right = _without_inverse(*meant.members)
    return Optimum(Chain((left, right), ("=",), span=chain.span), meant.members[0])


def _best(f: Formula) -> Sym | None:
    r"""The parameter w of `\hat w`, `w^*`, `w_{opt}` or w itself."""
    if not isinstance(f, Sym) or f.primes or f.accent not in ("", "hat"):
        return None
    scripts = ["".join(f.sub).strip("()"), "".join(f.sup).strip("()")]
    sub = () if scripts[0] in _BEST else f.sub
    sup = () if scripts[1] in _BEST else f.sup
    return replace(f, sub=sub, sup=sup, accent="", span=None)


def _sentence(s: Statement, u: Understanding) -> str:
    """The prose before a formula, back to the end of the sentence before its own."""
    pieces = u.scan.pieces[max(s.place - 2, 0) : s.place + 1]
    return re.split(r"[.!?]\s", " ".join(p.before for p in pieces))[-1][-200:]


def _is_learned(f: Formula, u: Understanding) -> bool:
    """Whether definitions read it and none defines it; the whole text differentiates by such names."""
    if not isinstance(f, Ref | Array):
        return False
    read = any(
        isinstance(n, Ref | Array) and n.name == f.name for d in u.definitions for n in d.rhs.walk()
    )
    return read and not any(d.target == f.name for d in u.definitions)


def _resolved(chain: Chain, u: Understanding) -> Chain | None:
    try:
        found = u.resolver(chain)
    except (Unclear, SymbackpropError):
        return None
    assert isinstance(found, Chain)
    return None if any(isinstance(n, Deriv | Grad) for n in found.walk()) else found


def _has_inverse(f: Formula) -> bool:
    return any(_inverse(n) is not None for n in f.walk())


def _inverse(f: Formula) -> Formula | None:
    """The M of `M^{-1}`."""
    if isinstance(f, Pow) and f.exponent in (Neg(Num("1")), Num("-1")):
        return f.base
    return None


def _without_inverse(left: Formula, right: Formula) -> tuple[Formula, Formula]:
    """`w = M^{-1} N` as `M w = N`, and `w = N / s` as `s w = N`."""
    if isinstance(right, Div):
        return Mul((right.den, left)), right.num
    if isinstance(right, Neg):
        left, rest = _without_inverse(left, right.body)
        return left, Neg(rest)
    if not isinstance(right, MatMul | Mul):
        return left, right
    factors = tuple(
        x for f in right.factors for x in (f.factors if isinstance(f, MatMul) else (f,))
    )
    at = next((k for k, f in enumerate(factors) if _inverse(f) is not None), None)
    if at is None or at + 1 == len(factors) or any(map(_has_array, factors[:at])):
        return left, right
    inverse = _inverse(factors[at])
    assert inverse is not None
    after = factors[at + 1 :]
    product = after[0] if len(after) == 1 else type(right)(after)
    return _applied(inverse, left), Mul((*factors[:at], product)) if at else product


def _has_array(f: Formula) -> bool:
    return any(isinstance(n, Array) for n in f.walk())


def _applied(matrix: Formula, v: Formula) -> Formula:
    """`(A + λ I) w` as `A w + λ w`."""
    if isinstance(matrix, Add):
        return Add(tuple(_applied(t, v) for t in matrix.terms))
    if isinstance(matrix, Neg):
        return Neg(_applied(matrix.body, v))
    factors = matrix.factors if isinstance(matrix, Mul | MatMul) else (matrix,)
    if factors[-1] in (IDENTITY, Ones(Idx("?"))):
        return Mul((*factors[:-1], v))
    return MatMul((matrix, v))


def residual(equation: Chain) -> Formula:
    """What is 0 at the minimum: left side minus right side."""
    return Add((equation.members[0], Neg(equation.members[1])))


__all__ = ["optimum_of", "residual"]
