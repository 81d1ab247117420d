"""Columns of ones and powers of vectors, written out for the judge."""

from __future__ import annotations

from collections.abc import Callable

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Mul,
    Neg,
    Norm,
    Num,
    Ones,
    Pow,
    Ref,
    Sum,
    Transpose,
)
from symbackprop.verifying.contexts.session import Context, Session
from symbackprop.verifying.systems.entries import Entries
from symbackprop.verifying.systems.rename import from_sympy


def with_ones(session: Session, f: Formula, context: Context) -> Formula:
    """`1 - h^2` of a vector h: the 1 is a vector of ones (a matrix of ones beside a matrix)."""

    def rank(n: Formula) -> int:
        if isinstance(n, Array):
            q = context.system.by_name.get(n.name.removeprefix("d."))
            return len(q.axes) - len(n.indices) if q is not None else 0
        if isinstance(n, Hadamard):
            ranks = {rank(x) for x in n.factors}
            return ranks.pop() if len(ranks) == 1 else 0
        if isinstance(n, Neg | Transpose):
            return rank(n.body)
        return rank(n.args[0]) if isinstance(n, Call) and len(n.args) == 1 else 0

    def ones(n: Formula) -> Formula | None:
        """Ones in the shape of the first array in `n`."""
        head = next((x for x in n.walk() if isinstance(x, Array) and rank(x)), None)
        if head is None:
            return None
        if rank(head) == 1:
            q = context.system.by_name[head.name.removeprefix("d.")]
            size = from_sympy(q.axes[-1].upper - q.axes[-1].lower + 1, {})
            column = Ones(size if isinstance(size, Idx | Num) else Idx("?"))
            row = any(isinstance(x, Transpose) and x.body == head for x in n.walk())
            return Transpose(column) if row else column
        q = context.system.by_name[head.name.removeprefix("d.")]
        swap = {a.index.name: i for a, i in zip(q.axes, head.indices, strict=False)}
        down, across = (_length(from_sympy(a.upper, swap)) for a in q.axes[-2:])
        if down is None or across is None:
            return None
        return MatMul((Ones(down), Transpose(Ones(across))))

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Add):
            return None
        kinds = [rank(t) for t in n.terms]
        fitting = all(k or t == Num("1") for k, t in zip(kinds, n.terms, strict=True))
        if any(kinds) and fitting and Num("1") in n.terms:
            filled = ones(n)
            if filled is not None:
                return Add(tuple(filled if t == Num("1") else t for t in n.terms))
        return None

    return f.rewrite(change)


def _length(size: Formula | None) -> Formula | None:
    """A size as it is written; the width of a layer as `s_l`."""
    if isinstance(size, Ref) and size.name.startswith("size:"):
        return Ref(size.name.removeprefix("size:"), size.indices)
    return size


def with_identity(f: Formula, context: Context) -> Formula:
    """`∂y/∂x = I + …`: the identity of the size of y (of x in a Hessian), where the text defines no I."""
    heads = (_spanning(n) for n in f.walk() if isinstance(n, Deriv | Grad))
    head = next((a for a in heads if a is not None), None)
    if head is None or "I_" in context.defined or "I_" in context.named:
        return f
    q = context.system.by_name.get(head.name)
    if q is None or not q.axes:
        return f
    size = from_sympy(q.axes[-1].upper - q.axes[-1].lower + 1, {})
    if not isinstance(size, Idx | Num):
        return f
    identity = Call("diag", (Ones(size),))
    return f.rewrite(lambda n: identity if n == Array("I_") else None)


def _spanning(n: Deriv | Grad) -> Array | None:
    """The vector that tells the size of a Jacobian's rows: what is differentiated, or by what, twice."""
    if isinstance(n, Deriv) and isinstance(n.of, Array):
        return n.of
    twice = isinstance(n.of, Deriv | Grad) and isinstance(n.of.of, Ref) and n.of.by == n.by
    return n.by if twice and isinstance(n.by, Array) else None


def in_time(f: Formula, context: Context) -> Formula:
    """`Σ_t` without bounds goes over the times that the equations are written for.

    The state that a recurrence starts from (`h_0`) is no summand of its own.
    """
    by_name = context.system.by_name

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sum) or n.lower is not None or n.upper is not None:
            return None
        for x in n.body.walk():
            if not isinstance(x, Ref | Array) or not x.indices or x.indices[0] != n.index:
                continue
            q = by_name.get(x.name.removeprefix("d."))
            if q is None or not q.axes or q.axes[0].kind != "time":
                continue
            starts = len(context.system.equations_of.get(q.name, ())) > 1
            low = from_sympy(q.axes[0].lower + starts, {})
            high = from_sympy(q.axes[0].upper, {})
            if low is not None and high is not None:
                return Sum(n.body.rewrite(change), n.index, low, high, span=n.span)
        return None

    return f.rewrite(change)


def entrywise_powers(session: Session, f: Formula, context: Context) -> Formula:
    """`h^2` and `(1 - h)^2` of a vector are taken entry by entry; `diag(v) u` is `v ⊙ u`."""
    ranks = _ranks(context)

    def rank(n: Formula) -> int:
        if isinstance(n, Deriv | Grad):
            return rank(n.by) if isinstance(n.of, Ref) else 0
        try:
            return ranks.rank(n)
        except ReadingError:
            return 0

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Pow) and n.exponent in (Num("2"), Num("3")):
            assert isinstance(n.exponent, Num)
            times = int(n.exponent.text)
            if not isinstance(n.base, Norm) and rank(n.base):
                return Hadamard((n.base.rewrite(change),) * times)
        if isinstance(n, MatMul | Mul):
            flat = _flat(n.factors)
            if any(_diagonal(x) for x in flat):
                return _scaled([x.rewrite(change) for x in flat], rank)
        return None

    return f.rewrite(change)


def _ranks(context: Context) -> Entries:
    def open_axes(a: Array) -> int:
        q = context.system.by_name.get(a.name.removeprefix("d."))
        return max(len(q.axes) - len(a.indices), 0) if q is not None else 0

    return Entries(open_axes)


def _diagonal(f: Formula) -> bool:
    return isinstance(f, Call) and f.name == "diag" and len(f.args) == 1


def _flat(factors: tuple[Formula, ...]) -> list[Formula]:
    found: list[Formula] = []
    for x in factors:
        found += _flat(x.factors) if isinstance(x, MatMul | Mul) else [x]
    return found


def _scaled(factors: list[Formula], rank: Callable[[Formula], int]) -> Formula:
    """A product with diagonal matrices: each scales the entries of the vector to its right."""
    done: list[Formula] = []
    for x in reversed(factors):
        scale = x.args[0] if isinstance(x, Call) and _diagonal(x) else None
        if scale is None or not done:
            done.insert(0, x)
        elif rank(done[0]) == 1 and not isinstance(done[0], Transpose):
            done[0] = Hadamard((scale, done[0]))
        elif len(done) == 2 and rank(done[0]) == 2 and rank(done[1]) == 1:
            done = [Hadamard((scale, MatMul(tuple(done))))]
        else:
            done.insert(0, x)
    return done[0] if len(done) == 1 else MatMul(tuple(done))
