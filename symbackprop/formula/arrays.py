"""Products of arrays: which factors of a written product multiply as matrices.

A transpose, an explicit matrix or a symbol that the hints call an array makes its neighbours a
MatMul; numbers and scalar letters stay in front. Without such a sign everything is an (ordered)
Mul.
"""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.formula.hints import Hints
from symbackprop.formula.tree import (
    Add,
    Bracket,
    Call,
    Deriv,
    Diff,
    Div,
    Formula,
    Grad,
    Hadamard,
    MatMul,
    Matrix,
    Mul,
    Neg,
    Num,
    Ones,
    Pow,
    Prod,
    Span,
    Sum,
    Sym,
    Transpose,
)


def surely_array(formula: Formula, hints: Hints) -> bool:
    """Whether the formula is an array by its form or by the hints."""
    match formula:
        case Sym():
            return (formula.base == "1" and not formula.sub) or hints.array(formula)
        case Transpose() | Matrix() | MatMul() | Ones() | Grad():
            return True
        case Neg(body=body) | Diff(body=body) | Sum(body=body) | Prod(body=body):
            return surely_array(body, hints)
        case Add(terms=parts) | Hadamard(factors=parts) | Mul(factors=parts):
            return any(surely_array(p, hints) for p in parts)
        case Call(name="diag"):
            return True
        case Call(args=(body,)) | Pow(base=body, exponent=Num()):
            return surely_array(body, hints)
        case Div(num=num):
            return surely_array(num, hints)
        case Deriv(of=of, by=by):
            return surely_array(of, hints) != surely_array(by, hints)
    return False


def surely_scalar(formula: Formula, hints: Hints) -> bool:
    """Numbers, quotients of scalars, sums of scalars, letters that the hints call scalar."""
    match formula:
        case Num():
            return True
        case Sym():
            return formula.base in hints.scalars and not hints.array(formula)
        case Neg(body=body):
            return surely_scalar(body, hints)
        case Div(num=num):
            return not surely_array(num, hints)
        case Sum():
            return not surely_array(formula, hints)
    return False


def array_product(
    factors: Sequence[Formula], signs: Sequence[str], hints: Hints, span: Span | None
) -> Formula:
    """The product, as Mul, MatMul or Hadamard, whatever its factors are."""
    arrays = [surely_array(f, hints) for f in factors]
    if not any(arrays):
        return Mul(tuple(factors), signs=tuple(signs), span=span)
    explicit = bool(hints.arrays) or hints.is_array is not None
    array = [
        sure if (explicit or sure) else not surely_scalar(f, hints)
        for sure, f in zip(arrays, factors, strict=True)
    ]
    if hints.star == "hadamard":
        for i, f in enumerate(factors):
            array[i] |= "*" in signs[max(i - 1, 0) : i + 1] and _compares_arrays(f, hints)
    chunks: list[list[Formula]] = []  # matrix products, multiplied entry by entry
    dotted: set[int] = set()  # chunks that end in a dot and a factor
    scalars: list[Formula] = []
    for i, factor in enumerate(factors):
        if not array[i]:
            scalars.append(factor)
            continue
        sign = signs[i - 1] if i else ""
        apart = (sign in ("cdot", "times") and hints.dot == "hadamard") or (
            sign == "*" and hints.star == "hadamard"
        )
        if not chunks or apart:
            chunks.append([factor])
        else:
            chunks[-1].append(factor)
            if sign == "cdot":
                dotted.add(len(chunks) - 1)
    parts = [
        c[0] if len(c) == 1 else MatMul(tuple(c), dotted=len(c) == 2 and k in dotted, span=span)
        for k, c in enumerate(chunks)
    ]
    product = parts[0] if len(parts) == 1 else Hadamard(tuple(parts), span=span)
    if isinstance(product, Transpose) and _before_name(product, factors):
        return Mul(tuple(factors), span=span)
    return Mul((*scalars, product), span=span) if scalars else product


def _compares_arrays(f: Formula, hints: Hints) -> bool:
    """`[Z > 0]`, the array of zeros and ones that it is behind the sign of products of entries."""
    return isinstance(f, Bracket) and any(surely_array(x, hints) for x in f.condition.children())


def _before_name(row: Transpose, factors: Sequence[Formula]) -> bool:
    r"""`\beta^T x_i`: what stands behind a row may be a column, so the order is kept as it is written."""
    after = factors[factors.index(row) + 1 :]
    return bool(after) and isinstance(after[0], Sym)


def elementwise(factors: Sequence[Formula], span: Span | None) -> Formula:
    """A product with `\\odot` between the factors; leading scalars are no concern here."""
    return Hadamard(tuple(factors), span=span)
