"""Resolved formulas (entries only) as SymPy expressions: for the equations of a document's System."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sympy as sp

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import (
    Add,
    Bracket,
    Call,
    Cases,
    Chain,
    Div,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Pow,
    Prod,
    Ref,
    Sum,
    Sym,
)
from symbackprop.system.model import entry, index, size

_OWN = {
    "exp": sp.exp, "log": sp.log, "tanh": sp.tanh, "sin": sp.sin, "cos": sp.cos, "sinh": sp.sinh,
    "cosh": sp.cosh, "erf": sp.erf, "abs": sp.Abs, "sign": sp.sign, "sqrt": sp.sqrt,
}  # fmt: skip
_RELATIONS = {"=": sp.Eq, "!=": sp.Ne, "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}

MOST_SWITCHES = 3
"""SymPy writes case distinctions inside each other out, at twice the cost for each."""
MOST_BITS = 50_000
"""Powers of numbers with more binary digits are not calculated."""


class ToSympy:
    """`sizes`: names that are sizes; `functions`: names of functions of the system."""

    def __init__(
        self, sizes: frozenset[str], functions: frozenset[str], widths: bool = False
    ) -> None:
        self.sizes = sizes
        self.functions = functions
        self.widths = widths
        self._switches = 0

    @property
    def settings(self) -> tuple[object, ...]:
        """What the expression of a formula depends on besides the formula."""
        return self.sizes, self.functions, self.widths

    def __call__(self, f: Formula) -> sp.Expr:
        """The expression. Raises ReadingError for what has no value as one number."""
        if isinstance(f, Num):
            return sp.Rational(f.text)
        if isinstance(f, Idx):
            return size(f.name) if f.name in self.sizes else index(f.name)
        if isinstance(f, Ref):
            return self.reference(f)
        if isinstance(f, Sym) and f == Sym("pi"):
            return sp.pi
        if isinstance(f, Neg):
            return -self(f.body)
        if isinstance(f, Add):
            return sp.Add(*[self(t) for t in f.terms])
        if isinstance(f, Mul):
            return sp.Mul(*[self(t) for t in f.factors])
        if isinstance(f, Div):
            return self(f.num) / self(f.den)
        if isinstance(f, Pow):
            return power(self(f.base), self(f.exponent))
        if isinstance(f, Call):
            return self.call(f)
        if isinstance(f, Sum):
            if f.lower is None or f.upper is None:
                raise ReadingError(f"the range of {f.index.name} is not known")
            return sp.Sum(self(f.body), (index(f.index.name), self(f.lower), self(f.upper)))
        if isinstance(f, Cases):
            with self.switch():
                rows = [(self(v), True if c is None else self.condition(c)) for v, c in f.rows]
                return sp.Piecewise(*rows)
        if isinstance(f, Bracket):
            with self.switch():
                return sp.Piecewise((1, self.condition(f.condition)), (0, True))
        if isinstance(f, Prod):
            raise ReadingError("a product over an index")
        raise ReadingError(f"{type(f).__name__} in a definition")

    def reference(self, f: Ref) -> sp.Expr:
        indices = [self(i) for i in f.indices]
        if f.name.startswith("size:") or (self.widths and f.name == "s"):
            return sp.IndexedBase(
                sp.Symbol(f.name.removeprefix("size:"), integer=True, positive=True)
            )[tuple(indices)]
        return entry(f.name, *indices)

    def call(self, f: Call) -> sp.Expr:
        if f.primes:
            raise ReadingError("a derivative in a definition")
        if f.name in ("max", "min"):
            with self.switch():
                return self.largest(f)
        args = [self(a) for a in f.args]
        if f.name in self.functions and len(args) == 1:
            return sp.Function(f.name, real=True)(args[0])
        if f.name in _OWN and len(args) == 1:
            return _OWN[f.name](args[0])
        raise ReadingError(f"the function {f.name} is not defined")

    def largest(self, f: Call) -> sp.Expr:
        """The larger or smaller of two; at equality 0 for max(0, z): the usual convention of ReLU."""
        if len(f.args) != 2:
            raise ReadingError(f"{f.name} of {len(f.args)} values")
        a, b = (self(x) for x in f.args)
        if f.name == "max":
            return sp.Piecewise((b, b > a), (a, True))
        return sp.Piecewise((a, a < b), (b, True))

    @contextmanager
    def switch(self) -> Iterator[None]:
        """One case distinction around others. Raises ReadingError for too many inside each other."""
        self._switches += 1
        try:
            if self._switches > MOST_SWITCHES:
                raise ReadingError("too many case distinctions inside each other")
            yield
        finally:
            self._switches -= 1

    def condition(self, f: Formula) -> sp.Basic:
        if not isinstance(f, Chain) or len(f.members) != 2 or f.relations[0] not in _RELATIONS:
            raise ReadingError("a condition of this form")
        return _RELATIONS[f.relations[0]](self(f.members[0]), self(f.members[1]))


def power(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """A power. Raises ReadingError for a number with too many digits."""
    if base.is_Rational and exponent.is_Rational:
        bits = int(base.p).bit_length() + int(base.q).bit_length()
        if bits * abs(exponent) > MOST_BITS:
            raise ReadingError("a number with too many digits")
    return base**exponent
