"""From written formulas to meant ones: every Sym becomes an entry, an array, a size or a function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from symbackprop.formula.tree import (
    Array,
    Bracket,
    Call,
    Chain,
    Formula,
    Idx,
    MatMul,
    Mul,
    Num,
    Ones,
    Opaque,
    Pow,
    Prod,
    Ref,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.judging.leaves import PI
from symbackprop.verifying.names.letters import COSTS, latex_of, safe_name
from symbackprop.verifying.names.row_vectors import of_columns
from symbackprop.verifying.names.scripts import items_of
from symbackprop.verifying.names.sure_ranks import sure_rank
from symbackprop.verifying.names.symbols import Symbols


class Unclear(Exception):
    """A symbol that has no one meaning here; `reason` for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Resolver:
    """Resolves the formulas of one document.

    symbols     how symbols are named and indexed
    sizes       names of sizes: m, N, n_l
    widths      letters whose subscript is a layer: s_l, the width of layer l
    ranks       how many open indices a symbol without subscript has (matrix style), by name
    functions   written function letter -> function of the system
    circle      whether the letter pi is the number pi
    kronecker   bases that are Kronecker deltas when they have two index subscripts
    rows        vectors are rows: each stands as the transpose of a column
    vectors     the names of these, as far as they were met
    sure        the ranks that are said or that products tell, by name
    """

    symbols: Symbols
    sizes: frozenset[str] = frozenset()
    widths: frozenset[str] = frozenset()
    ranks: Mapping[str, int] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    kronecker: frozenset[str] = frozenset()
    own: Mapping[str, Formula] = field(default_factory=dict)
    circle: bool = False
    rows: bool = False
    vectors: set[str] = field(default_factory=set)
    sure: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, f: Formula, bound: frozenset[str] = frozenset()) -> Formula:
        """The meant formula. Raises Unclear."""
        if isinstance(f, Sym):
            return self.symbol(f, bound)
        if isinstance(f, Opaque):
            raise Unclear(f.reason or f"'{f.text[:40]}' was not understood")
        if isinstance(f, Sum | Prod):
            inner = bound | {f.index.name}
            return type(f)(
                self(f.body, inner),
                f.index,
                self(f.lower, bound) if f.lower is not None else None,
                self.bound(f.upper, bound) if f.upper is not None else None,
                span=f.span,
            )
        if isinstance(f, Call):
            name = self.functions.get(f.name, f.name)
            return Call(name, tuple(self(a, bound) for a in f.args), f.primes, span=f.span)
        if isinstance(f, Num | Idx | Ref | Array):
            return f
        if isinstance(f, MatMul) and f.dotted and not self.rows and self._inner(f):
            left, right = (self(x, bound) for x in f.factors)
            return MatMul((Transpose(left), right), span=f.span)
        found = f.map(lambda x: self(x, bound))
        if isinstance(f, Mul) and _moves_array(f, found):
            raise Unclear("a product with a matrix that was read as a number")
        return of_columns(found, self.vectors) if self.rows and isinstance(f, Chain) else found

    def _inner(self, f: MatMul) -> bool:
        r"""Whether `q \cdot k` is an inner product: two vectors, surely."""
        return all(sure_rank(x, self.symbols, self.sure) == 1 for x in f.factors)

    def bound(self, f: Formula, bound: frozenset[str]) -> Formula:
        """The upper bound of a sum: a number, a size, or the width of a layer."""
        if isinstance(f, Sym):
            joined = _joined(f)
            if joined in self.sizes:
                return Idx(joined)
            if f.base in self.widths and f.sub:
                return self._width(f)
            if not f.sub and not f.sup and len(f.base) <= 3:
                return Idx(f.base)
            return Idx(safe_name(joined))
        return f.map(lambda x: self.bound(x, bound))

    def _width(self, f: Sym) -> Formula:
        items = items_of(f.sub)
        if len(items) == 1 and items[0].index is not None:
            return Ref(f.base.lower(), (items[0].index,))
        raise Unclear(f"{latex_of(f)} as a width")

    def symbol(self, f: Sym, bound: frozenset[str]) -> Formula:
        joined = _joined(f)
        if self.circle and f == PI:
            return PI
        if f.base == "1" and not f.sub and not f.sup:
            return Ones(Idx("?"))
        # The L of `∂L/∂W` is the cost, that of `a^{(L)}` and of sums is the last layer.
        cost = f == Sym(f.base) and f.base in COSTS & self.symbols.numerators - bound
        if (joined in self.sizes and not cost) or (
            not f.sub and not f.sup and not f.primes and f.base in bound
        ):
            return Idx(joined)
        if f.base in self.widths and f.sub and not f.sup:
            return self._width(f)
        if f.base in self.kronecker and len(f.sub) in (2, 3) and not f.sup:
            pair = self.symbols.index_items(f.sub)
            if pair is not None and len(pair) == 2:
                left, right = pair[0].index, pair[1].index
                assert left is not None
                assert right is not None
                return Bracket(Chain((left, right), ("=",)))
        if (
            not f.sub
            and not f.sup
            and not f.accent
            and not f.primes
            and f.base in self.symbols.letters
            and f.base in self.symbols.script_letters
            and f.base not in self.symbols.numerators
            and f.base not in self.symbols.by
        ):
            return Idx(f.base)
        w = self.symbols.resolve(f)
        missing = w.missing or self.ranks.get(w.name, 0)
        value: Formula
        value = (
            Array(w.name, w.indices, span=f.span)
            if missing
            else Ref(w.name, w.indices, span=f.span)
        )
        if self.rows and missing == 1:
            self.vectors.add(w.name)
            value = Transpose(value, span=f.span)
        return Pow(value, w.power) if w.power is not None else value


def _moves_array(written: Mul, meant: Formula) -> bool:
    """Whether what is an array after all was put before an array that is written before it.

    A reader puts numbers first; what stood behind a matrix and is no number has lost its place.
    """
    last = written.factors[-1]
    if not isinstance(last, MatMul | Transpose | Sym) or not isinstance(meant, Mul):
        return False
    if not isinstance(meant.factors[-1], MatMul | Transpose | Array):
        return False
    start = _start(last)
    return start is not None and any(
        isinstance(m, Array) and (at := _start(w)) is not None and at > start
        for w, m in zip(written.factors[:-1], meant.factors[:-1], strict=True)
    )


def _start(f: Formula) -> int | None:
    """Where a formula begins; a product of matrices with its first one."""
    first = f.factors[0] if isinstance(f, MatMul) else f
    return first.span.start if first.span is not None else None


def _joined(f: Sym) -> str:
    return (
        f.base + (f"_{''.join(f.sub)}" if f.sub else "") + (f"^{''.join(f.sup)}" if f.sup else "")
    )
