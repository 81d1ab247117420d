"""School algebra on written formulas, in the order in which a person keeps terms and factors.

SymPy proves and differentiates, but it reorders; a textbook line must keep its order. Each
function here does one thing that a derivation names as one step. None of them is trusted: the judge
proves each line that they make, with other code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from symbackprop.formula.tree import (
    ONE,
    ZERO,
    Add,
    Div,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Pow,
    Sum,
    num,
)

Key = tuple[object, ...]


def key(formula: Formula) -> Key:
    """Equal for formulas that differ only in the order of commuting terms and factors."""
    kind = type(formula).__name__
    parts: Iterable[Key] = (key(child) for child in formula.children())
    if formula.commutative:
        parts = sorted(parts, key=repr)
    plain = tuple(
        getattr(formula, name)
        for name in ("text", "name", "base", "sub", "sup", "primes", "accent", "relations")
        if hasattr(formula, name)
    )
    return (kind, *plain, *parts)


def same(left: Formula, right: Formula) -> bool:
    """Equal up to the order of commuting terms and factors."""
    return left == right or key(left) == key(right)


def rearranged(left: Formula, right: Formula) -> bool:
    """Equal up to order, and up to where a denominator stands: 1/2 s is s/2."""
    pairs = zip(split_fraction(left), split_fraction(right), strict=True)
    return all(same(one, two) for one, two in pairs)


def contains(formula: Formula, part: Formula) -> bool:
    """Whether `part` stands somewhere in `formula`."""
    return any(node == part for node in formula.walk())


def substitute(formula: Formula, values: Mapping[Formula, Formula]) -> Formula:
    """Each occurrence of a key replaced by its value, then brackets and signs tidied."""
    return tidy(formula.rewrite(values.get))


def apart(formula: Formula, taken: Iterable[Formula]) -> Formula:
    """Bound letters renamed where they are also free letters of `taken`: no letter has two meanings."""
    free = {n.name for part in taken for n in part.walk() if isinstance(n, Idx)}
    if not free:
        return formula
    used = free | {n.name for n in formula.walk() if isinstance(n, Idx)}
    return _apart(formula, free, used)


def _apart(formula: Formula, free: set[str], used: set[str]) -> Formula:
    if not isinstance(formula, Sum):
        return formula.map(lambda child: _apart(child, free, used))
    inner = formula.map(lambda child: _apart(child, free, used))
    assert isinstance(inner, Sum)
    if inner.index.name not in free:
        return inner
    letter = Idx(next(x for x in "jkmiqruvopst" if x not in used))
    used.add(letter.name)
    old = inner.index
    body = inner.body.rewrite(lambda node: letter if node == old else None)
    return Sum(body, letter, inner.lower, inner.upper)


# --- sums and products with the trivial parts dropped ----------------------------------------------


def negative(formula: Formula) -> Formula:
    """Minus the formula: - - a is a, -0 is 0."""
    if isinstance(formula, Neg):
        return formula.body
    return formula if formula == ZERO else Neg(formula)


def times(*factors: Formula) -> Formula:
    """The product: flat, without ones, its signs collected in front; 0 if a factor is 0."""
    kept: list[Formula] = []
    minus = False
    stack = list(reversed(factors))
    while stack:
        factor = stack.pop()
        if isinstance(factor, Neg):
            minus = not minus
            stack.append(factor.body)
        elif isinstance(factor, Mul):
            stack.extend(reversed(factor.factors))
        elif factor == ZERO:
            return ZERO
        elif factor != ONE:
            kept.append(factor)
    product = ONE if not kept else kept[0] if len(kept) == 1 else Mul(tuple(kept))
    return Neg(product) if minus else product


def plus(*terms: Formula) -> Formula:
    """The sum: flat, without zeros."""
    kept: list[Formula] = []
    for term in terms:
        if isinstance(term, Add):
            kept.extend(term.terms)
        elif isinstance(term, Neg) and isinstance(term.body, Add):
            kept.extend(negative(inner) for inner in term.body.terms)
        elif term != ZERO:
            kept.append(term)
    return ZERO if not kept else kept[0] if len(kept) == 1 else Add(tuple(kept))


def over(numerator: Formula, denominator: Formula) -> Formula:
    """The fraction, its sign in front; a denominator 1 disappears."""
    if denominator == ONE or numerator == ZERO:
        return numerator
    if isinstance(numerator, Neg):
        return Neg(Div(numerator.body, denominator))
    return Div(numerator, denominator)


def power(base: Formula, exponent: Formula) -> Formula:
    """base^exponent; an exponent 1 disappears."""
    return base if exponent == ONE else ONE if exponent == ZERO else Pow(base, exponent)


def tidy(formula: Formula) -> Formula:
    """Nested sums and products flat, ones and zeros dropped, signs in front. Nothing else."""
    inner = formula.map(tidy)
    if isinstance(inner, Mul):
        return times(*inner.factors)
    if isinstance(inner, Add):
        return plus(*inner.terms)
    if isinstance(inner, Neg):
        return negative(inner.body)
    if isinstance(inner, Div):
        return over(inner.num, inner.den)
    return inner


def terms_of(formula: Formula) -> tuple[Formula, ...]:
    """The terms of a sum; a single term otherwise."""
    return formula.terms if isinstance(formula, Add) else (formula,)


def factors_of(formula: Formula) -> tuple[Formula, ...]:
    """The factors of a product; a single factor otherwise. A sign is not a factor."""
    return formula.factors if isinstance(formula, Mul) else (formula,)


# --- one fraction, and cancelling -------------------------------------------------------------------


def split_fraction(term: Formula) -> tuple[Formula, Formula]:
    """(numerator, denominator) of one term, its sign in the numerator."""
    if isinstance(term, Neg):
        numerator, denominator = split_fraction(term.body)
        return negative(numerator), denominator
    if isinstance(term, Div):
        return term.num, term.den
    if isinstance(term, Mul):
        pairs = [split_fraction(f) for f in term.factors]
        return times(*(n for n, _ in pairs)), times(*(d for _, d in pairs))
    return term, ONE


def one_fraction(formula: Formula) -> Formula:
    """The terms over one common denominator, each numerator multiplied up but nothing expanded.

    -y/a + (1-y)/(1-a)  becomes  (-y(1-a) + (1-y)a) / (a(1-a)).
    """
    pairs = [split_fraction(term) for term in terms_of(formula)]
    common: list[Formula] = []
    for _, denominator in pairs:
        missing = list(common)
        for factor in factors_of(denominator):
            match = next((m for m in missing if same(m, factor)), None)
            if match is not None:
                missing.remove(match)
            elif factor != ONE:
                common.append(factor)
    if not common:
        return formula
    numerators: list[Formula] = []
    for numerator, denominator in pairs:
        rest = list(common)
        for factor in factors_of(denominator):
            match = next((r for r in rest if same(r, factor)), None)
            if match is not None:
                rest.remove(match)
        numerators.append(times(numerator, *rest))
    return Div(plus(*numerators), times(*common))


def cancel(*factors: Formula) -> tuple[Formula, tuple[Formula, ...]]:
    """The product with equal factors above and below struck out, and what was struck out."""
    numerators: list[Formula] = []
    denominators: list[Formula] = []
    minus = False
    for factor in factors:
        numerator, denominator = split_fraction(factor)
        if isinstance(numerator, Neg):
            minus = not minus
            numerator = numerator.body
        numerators.extend(f for f in factors_of(numerator) if f != ONE)
        denominators.extend(f for f in factors_of(denominator) if f != ONE)
    struck: list[Formula] = []
    for below in list(denominators):
        above = next((f for f in numerators if same(f, below)), None)
        if above is not None:
            numerators.remove(above)
            denominators.remove(below)
            struck.append(below)
    result = over(times(*numerators), times(*denominators))
    return (negative(result) if minus else result), tuple(struck)


Monomial = frozenset[tuple[Formula, int]]


# --- expanding ----------------------------------------------------------------------------------------


def expanded(formula: Formula) -> Formula:
    """Multiplied out, equal terms collected, positive terms first: -y(1-a) + (1-y)a becomes a - y.

    Atoms are whatever is not a sum, product, whole power or number.
    """
    order: dict[Formula, int] = {}
    collected = _polynomial(formula, order)
    terms = [
        (coefficient, monomial) for monomial, coefficient in collected.items() if coefficient != 0
    ]
    terms.sort(key=lambda item: item[0] < 0)
    written = [_term(coefficient, monomial, order) for coefficient, monomial in terms]
    return plus(*written)


def _term(coefficient: Fraction, monomial: Monomial, order: Mapping[Formula, int]) -> Formula:
    factors = sorted(monomial, key=lambda pair: order[pair[0]])
    return times(num(coefficient), *(power(atom, num(n)) for atom, n in factors))


def _polynomial(formula: Formula, order: dict[Formula, int]) -> dict[Monomial, Fraction]:
    if isinstance(formula, Num):
        return {frozenset(): formula.value}
    if isinstance(formula, Neg):
        return {m: -c for m, c in _polynomial(formula.body, order).items()}
    if isinstance(formula, Add):
        total: dict[Monomial, Fraction] = {}
        for term in formula.terms:
            for m, c in _polynomial(term, order).items():
                total[m] = total.get(m, Fraction(0)) + c
        return total
    if isinstance(formula, Mul):
        product: dict[Monomial, Fraction] = {frozenset(): Fraction(1)}
        for factor in formula.factors:
            product = _multiplied(product, _polynomial(factor, order))
        return product
    if isinstance(formula, Pow) and isinstance(formula.exponent, Num):
        exponent = formula.exponent.value
        if exponent.denominator == 1 and exponent <= 8:
            product = {frozenset(): Fraction(1)}
            for _ in range(int(exponent)):
                product = _multiplied(product, _polynomial(formula.base, order))
            return product
    if isinstance(formula, Div) and isinstance(formula.den, Num) and formula.den.value:
        return {m: c / formula.den.value for m, c in _polynomial(formula.num, order).items()}
    order.setdefault(formula, len(order))
    return {frozenset({(formula, 1)}): Fraction(1)}


def _multiplied(
    left: dict[Monomial, Fraction],
    right: dict[Monomial, Fraction],
) -> dict[Monomial, Fraction]:
    product: dict[Monomial, Fraction] = {}
    for m1, c1 in left.items():
        for m2, c2 in right.items():
            powers = dict(m1)
            for atom, n in m2:
                powers[atom] = powers.get(atom, 0) + n
            monomial = frozenset(powers.items())
            product[monomial] = product.get(monomial, Fraction(0)) + c1 * c2
    return product
