"""Statements told by their form: collections, lists of partial derivatives, updates, facts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from symbackprop.formula.tree import Call, Chain, Deriv, Formula, Grad, Matrix, Num, Ref, Sum, Sym
from symbackprop.system.model import Fact
from symbackprop.verifying.understanding.conditions import IF
from symbackprop.verifying.understanding.statement import Statement


def is_collection(latex: str) -> bool:
    r"""`\theta = \{w_1, …\}`: a name for a collection."""
    return bool(re.fullmatch(r"\s*\\?[A-Za-z]+\s*=\s*\\\{[^{}=]*\\\}\s*[.,]?\s*", latex))


def is_gradient_list(latex: str) -> bool:
    r"""`\nabla L = [∂L/∂w_1; ∂L/∂w_2; …]`: what a gradient is."""
    m = re.fullmatch(
        r"\s*\\nabla\s*([A-Za-z](?:\([^()]*\))?)\s*=\s*\\begin\{[bp]matrix\}(.*)\\end\{[bp]matrix\}\s*[.,]?\s*",
        latex, re.DOTALL,
    )  # fmt: skip
    if m is None:
        return False
    top = re.escape("\\frac{\\partial " + m[1] + "}")
    rows = [r.strip() for r in m[2].split("\\\\") if r.strip()]
    return all(
        r == "\\vdots" or re.fullmatch(top + r"\{\\partial [A-Za-z](?:_\{?\w+\}?)?\}", r)
        for r in rows
    )


INDEX_RANGE = re.compile(
    r"\s*[a-z]\s*=\s*\w+\s*,.*(?:dots|\.\.\.)\s*,?.*|\s*[a-z]\s*=\s*[0-9]+(?:\s*,\s*(?:[0-9]+|[A-Za-z]))+\s*"
)
"""`j = 1, \\ldots, n`: a range of an index, no claim."""

INDEX_AT = re.compile(r"\s*[a-z]\s*=\s*(?:[A-Z]|n_[lL])(?:\s*[-+]\s*1)?\s*")
"""`t = T` in a sentence: where an index stands."""


def entry_by_entry(chain: Chain) -> Chain | None:
    """`f([z_1, z_2]) = [f(z_1), f(z_2)]`: the two lists are compared entry by entry, as one vector."""

    def rows(f: Formula) -> list[Formula] | None:
        if isinstance(f, Call) and f.name in ("list", "tuple"):
            return list(f.args)
        if isinstance(f, Call) and len(f.args) == 1:
            inside = rows(f.args[0])
            if inside is not None:
                return [Call(f.name, (x,), f.primes) for x in inside]
        return None

    found = [rows(m) for m in chain.members]
    if any(r is None for r in found) or len({len(r) for r in found if r is not None}) != 1:
        return None
    members = tuple(Matrix(tuple((x,) for x in r)) for r in found if r is not None)
    return Chain(members, chain.relations, span=chain.span)


_LEADING_ARROW = re.compile(r"\s*\\(?:long)?(?:right|Right)arrow\b")
_COST_WORDS = re.compile(
    r"\b(?:loss|cost|error|cross[- ]entropy)\b|损失|代价|误差|交叉熵", re.IGNORECASE
)


def is_unnamed_cost(s: Statement) -> bool:
    """`Cross Entropy Loss  -> sum_n …`: a cost whose left side is left out before an arrow."""
    if not s.piece.display or not _LEADING_ARROW.match(s.piece.latex):
        return False
    sums = any(isinstance(n, Sum) for n in s.chain.members[-1].walk())
    return sums and bool(_COST_WORDS.search(s.piece.before[-120:]))


def is_update(chain: Chain) -> bool:
    """`w <- …`, `w := w - …`, or `w = w - …` with the left side on the right."""
    if chain.relations[0] == "<-":
        return True
    first = chain.members[0]
    if chain.relations[0] not in ("=", ":=") or not isinstance(first, Sym):
        return False
    if any(isinstance(n, Deriv | Grad | Sum) for n in first.walk()):
        return False
    return first in _outer_terms(chain.members[1])


def _outer_terms(f: Formula) -> tuple[Formula, ...]:
    from symbackprop.formula.tree import Add, Mul, Neg

    if isinstance(f, Add):
        return tuple(x for t in f.terms for x in _outer_terms(t))
    if isinstance(f, Neg):
        return _outer_terms(f.body)
    if isinstance(f, Mul):
        return (*f.factors, f)
    return (f,)


def fact_of(chain: Chain) -> tuple[str, Fact] | None:
    """`sum_k y_k = 1`: a fact of y."""
    if len(chain.members) != 2 or chain.members[1] != Num("1"):
        return None
    left = chain.members[0]
    if isinstance(left, Sum) and isinstance(left.body, Ref):
        for i in left.body.indices:
            if i == left.index:
                return left.body.name, Fact("sums to 1", over=f"#{left.body.indices.index(i)}")
    return None


CONSTANTS = frozenset(
    {"kappa", "alpha", "beta", "gamma", "lambda", "epsilon", "delta", "tau", "eta", "mu", "rho"}
)
"""Letters of thresholds, slopes and rates."""


def is_positive_constant(s: Statement, statements: Iterable[Statement]) -> bool:
    """`with a threshold κ > 0`: said of a constant, and no case among others."""
    chain, head = s.chain, s.chain.members[0]
    if chain.relations != (">",) or chain.members[1] != Num("0") or s.piece.display:
        return False
    if not isinstance(head, Sym) or head.base not in CONSTANTS or head != Sym(head.base):
        return False
    if IF.search(s.piece.before):
        return False
    return not any(
        x is not s and x.chain.members[0] == head and x.chain.relations for x in statements
    )


def thresholds(chains: Iterable[Chain]) -> set[Sym]:
    """The κ of `|r| ≤ κ` among the cases of a formula: it bounds what is not negative."""
    found: set[Sym] = set()
    for c in chains:
        for n in c.walk():
            if not isinstance(n, Chain) or n is c or len(n.members) != 2:
                continue
            sides = [m for m in n.members if not (isinstance(m, Call) and m.name == "abs")]
            if len(sides) == 1 and isinstance(sides[0], Sym) and n.relations[0] in "<=>=":
                found.add(sides[0])
    return {s for s in found if s.base in CONSTANTS and s == Sym(s.base)}
