"""Matrix formulas, entry by entry: `W a + b` at row i is sum_k W[i,k] a[k] + b[i].

Used for definitions only (the judge reads matrix claims by itself). `Shapes` says how many free
axes an array has; the letters of sums are fresh.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from symbackprop.errors import ReadingError
from symbackprop.formula.tree import (
    Add,
    Array,
    Bracket,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Matrix,
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


@dataclass(slots=True)
class Entries:
    """`rank(array)`: how many indices are left open; letters come from `fresh`.

    columns   a vector added to a matrix is added to each of its columns (`W X + b`), not its rows
    """

    rank_of: Callable[[Array], int]
    ones: Callable[[Array], frozenset[int]] = lambda array: frozenset()
    columns: bool = False
    _count: int = 0
    used: list[str] = field(default_factory=list)

    def fresh(self) -> Idx:
        self._count += 1
        return Idx(f"r{self._count}")

    def rank(self, f: Formula) -> int:
        """0 for a number, 1 for a vector, 2 for a matrix. Raises ReadingError."""
        if isinstance(f, Array):
            return self.rank_of(f)
        if isinstance(f, Transpose):
            return 2 if self.rank(f.body) else 0
        if isinstance(f, MatMul):
            return self._product_rank(f.factors)
        if isinstance(f, Mul):
            ranks = [self.rank(x) for x in f.factors]
            if sum(r > 0 for r in ranks) > 1:
                return self._product_rank(f.factors)
            return max(ranks)
        if isinstance(f, Hadamard):
            return max(self.rank(x) for x in f.factors)
        if isinstance(f, Add):
            return max(self.rank(x) for x in f.terms)
        if isinstance(f, Neg):
            return self.rank(f.body)
        if isinstance(f, Call) and f.name == "diag" and len(f.args) == 1:
            return 2 if self.rank(f.args[0]) == 1 else 1
        if isinstance(f, Call):
            return max((self.rank(a) for a in f.args), default=0)
        if isinstance(f, Pow):
            return self.rank(f.base)
        if isinstance(f, Div):
            return max(self.rank(f.num), self.rank(f.den))
        if isinstance(f, Ones):
            return 1
        if isinstance(f, Matrix):
            return 1 if all(len(r) == 1 for r in f.rows) else 2
        if isinstance(f, Sum):
            return self.rank(f.body)
        if isinstance(f, Grad):
            return self.rank(f.by)
        return 0

    def _product_rank(self, factors: tuple[Formula, ...]) -> int:
        """A column times a row is a matrix; a row times a column a number."""
        kinds = [self._kind(x) for x in factors if self.rank(x)]
        if not kinds:
            return 0
        left, right = kinds[0][0], kinds[-1][1]
        return left + right

    def _kind(self, f: Formula) -> tuple[int, int]:
        """Whether a factor leaves a row index, and a column index, open."""
        if self.rank(f) == 2:
            if isinstance(f, Transpose) and self.rank(f.body) == 1:
                return (0, 1)
            return (1, 1)
        return (1, 0)

    def at(self, f: Formula, open_: tuple[Formula, ...]) -> Formula:
        """The entry of `f` at the indices `open_` (numbers are the same everywhere)."""
        if isinstance(f, Array):
            rank = self.rank_of(f)
            if rank > len(open_):
                raise ReadingError("the shapes do not fit")
            kept = open_[len(open_) - rank :]
            fixed = self.ones(f)
            kept = tuple(Num("1") if i in fixed else k for i, k in enumerate(kept))
            return Ref(f.name, f.indices + kept)
        if isinstance(f, Transpose):
            if self.rank(f.body) == 1:
                return self.at(f.body, open_[-1:])
            return self.at(f.body, tuple(reversed(open_)))
        if isinstance(f, MatMul) or (
            isinstance(f, Mul) and sum(self.rank(x) > 0 for x in f.factors) > 1
        ):
            return self._product(f.factors, open_)
        if isinstance(f, Hadamard):
            return Mul(tuple(self.at(x, open_) for x in f.factors))
        if isinstance(f, Norm):
            return self._norm(f)
        if isinstance(f, Pow) and isinstance(f.base, Norm) and f.exponent == Num("2"):
            return self._square(f.base.body)
        if isinstance(f, Ones):
            return Num("1")
        if isinstance(f, Grad):
            return Deriv(f.of, self.at(f.by, open_))
        if isinstance(f, Matrix):
            raise ReadingError("an explicit matrix in a definition")
        if isinstance(f, Call) and f.name == "softmax" and len(f.args) == 1:
            return self._softmax(f.args[0], open_)
        if isinstance(f, Call) and f.name == "diag" and len(f.args) == 1:
            return self._diagonal(f.args[0], open_)
        if isinstance(f, Add) and self.columns and len(open_) == 2:
            return Add(
                tuple(
                    self.at(x, open_[:1] if self.rank(x) == 1 else open_ if self.rank(x) else ())
                    for x in f.terms
                )
            )
        if isinstance(f, Add | Mul | Neg | Div | Call | Pow | Sum):
            return f.map(lambda x: self.at(x, open_ if self.rank(x) else ()))
        return f

    def _diagonal(self, arg: Formula, open_: tuple[Formula, ...]) -> Formula:
        """`diag(c)` at row i and column j is c_i where i = j, else 0."""
        if self.rank(arg) != 1 or len(open_) < 2:
            raise ReadingError("a diagonal of something that is no vector")
        row, column = open_[-2:]
        return Mul((self.at(arg, (row,)), Bracket(Chain((row, column), ("=",)))))

    def _softmax(self, arg: Formula, open_: tuple[Formula, ...]) -> Formula:
        """e^z over its sum: over the classes, which are the entries of a vector.

        In a matrix of many samples they are the rows, or the columns where samples are rows.
        """
        rank = self.rank(arg)
        letter = self.fresh()
        if rank:
            at = list(open_[len(open_) - rank :])
            inside = list(at)
            inside[0 if self.columns else -1] = letter
            top, bottom = self.at(arg, tuple(at)), self.at(arg, tuple(inside))
        elif isinstance(arg, Ref) and arg.indices and isinstance(arg.indices[-1], Idx):
            top, bottom = arg, Ref(arg.name, (*arg.indices[:-1], letter))
        else:
            raise ReadingError("softmax of one number")
        return Div(Call("exp", (top,)), Sum(Call("exp", (bottom,)), letter))

    def _product(self, factors: tuple[Formula, ...], open_: tuple[Formula, ...]) -> Formula:
        scalars = [self.at(x, ()) for x in factors if not self.rank(x)]
        arrays = [x for x in factors if self.rank(x)]
        if not arrays:
            return Mul(tuple(scalars)) if len(scalars) > 1 else scalars[0]
        kinds = [self._kind(x) for x in arrays]
        left_open, right_open = kinds[0][0], kinds[-1][1]
        if len(open_) < left_open + right_open:
            raise ReadingError("the shapes do not fit")
        open_ = open_[len(open_) - left_open - right_open :]
        row = open_[0] if left_open else None
        column = open_[-1] if right_open else None
        letters: list[Idx] = []
        terms: list[Formula] = []
        at = row
        for n, (x, (has_row, has_column)) in enumerate(zip(arrays, kinds, strict=True)):
            if n and bool(has_row) != bool(kinds[n - 1][1]):
                if not has_row and not kinds[n - 1][1]:
                    at = None  # column times row: nothing is summed
                else:
                    raise ReadingError("the shapes do not fit")
            last = n == len(arrays) - 1
            after: Formula | None = None
            if has_column:
                after = column if last else self.fresh()
                if not last:
                    assert isinstance(after, Idx)
                    letters.append(after)
            indices = tuple(
                i for i, has in ((at, has_row), (after, has_column)) if has and i is not None
            )
            terms.append(self.at(x, indices))
            at = after
        body: Formula = (
            Mul(tuple(scalars + terms)) if len(scalars + terms) > 1 else (scalars + terms)[0]
        )
        for letter in reversed(letters):
            body = Sum(body, letter)
        return body

    def _norm(self, f: Norm) -> Formula:
        return Call("sqrt", (self._square(f.body),))

    def _square(self, body: Formula) -> Formula:
        rank = self.rank(body)
        letters = tuple(self.fresh() for _ in range(rank))
        found: Formula = Pow(self.at(body, letters), Num("2"))
        for letter in reversed(letters):
            found = Sum(found, letter)
        return found
