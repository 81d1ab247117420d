"""Differentiating a written formula, term by term, in the order in which it is written.

Used for the lines of a local derivative; the engine's own derivative is SymPy's, on index
expressions (`symbackprop.calculus`). Both are judged.
"""

from __future__ import annotations

from symbackprop.derivation.algebra import (
    contains,
    factors_of,
    negative,
    over,
    plus,
    power,
    terms_of,
    times,
)
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import (
    ONE,
    ZERO,
    Add,
    Call,
    Cases,
    Deriv,
    Div,
    Formula,
    Mul,
    Neg,
    Num,
    Pow,
    num,
)


def derivative(formula: Formula, by: Formula) -> Formula:
    """d formula / d by, with sums, products, quotients, powers and functions by the school rules.

    Raises UnsupportedForm for a node that has no such rule.
    """
    if formula == by:
        return ONE
    if not contains(formula, by):
        return ZERO
    if isinstance(formula, Add):
        return plus(*(derivative(term, by) for term in formula.terms))
    if isinstance(formula, Neg):
        return negative(derivative(formula.body, by))
    if isinstance(formula, Mul):
        return plus(
            *(
                _folded(formula.factors[:i], derivative(factor, by), formula.factors[i + 1 :])
                for i, factor in enumerate(formula.factors)
                if contains(factor, by)
            )
        )
    if isinstance(formula, Div):
        return _quotient(formula, by)
    if isinstance(formula, Pow):
        return _power(formula, by)
    if isinstance(formula, Call):
        return _call(formula, by)
    if isinstance(formula, Cases):
        return Cases(tuple((derivative(value, by), when) for value, when in formula.rows))
    raise UnsupportedForm(f"no rule to differentiate a {type(formula).__name__}")


def _folded(before: tuple[Formula, ...], inner: Formula, after: tuple[Formula, ...]) -> Formula:
    """before * inner * after; y * 1/a is written y/a."""
    body = inner.body if isinstance(inner, Neg) else inner
    if isinstance(body, Div):
        folded = over(times(*before, body.num, *after), body.den)
        return negative(folded) if isinstance(inner, Neg) else folded
    return times(*before, inner, *after)


def _quotient(formula: Div, by: Formula) -> Formula:
    if not contains(formula.den, by):
        return over(derivative(formula.num, by), formula.den)
    below = derivative(formula.den, by)
    square = power(formula.den, num(2))
    if isinstance(formula.den, Pow) and isinstance(formula.den.exponent, Num):
        square = power(formula.den.base, num(2 * formula.den.exponent.value))
    if not contains(formula.num, by):
        return over(negative(times(formula.num, below)), square)
    above = derivative(formula.num, by)
    return over(plus(times(above, formula.den), negative(times(formula.num, below))), square)


def _power(formula: Pow, by: Formula) -> Formula:
    if contains(formula.exponent, by):
        raise UnsupportedForm("no rule for a variable exponent; write it with exp")
    if not isinstance(formula.exponent, Num):
        raise UnsupportedForm("no rule for a symbolic exponent")
    n = formula.exponent.value
    return times(num(n), power(formula.base, num(n - 1)), derivative(formula.base, by))


def _call(formula: Call, by: Formula) -> Formula:
    if len(formula.args) != 1:
        raise UnsupportedForm(f"no rule to differentiate {formula.name}")
    (argument,) = formula.args
    inner = derivative(argument, by)
    if formula.primes == 0:
        match formula.name:
            case "exp":
                return times(formula, inner)
            case "log":
                return over(inner, argument)
            case "sin":
                return times(Call("cos", (argument,)), inner)
            case "cos":
                return times(Neg(Call("sin", (argument,))), inner)
            case "tanh":
                return times(plus(ONE, Neg(Pow(formula, num(2)))), inner)
            case "abs":
                return times(Call("sign", (argument,)), inner)
            case "sqrt":
                return over(inner, times(num(2), formula))
    return times(Call(formula.name, formula.args, formula.primes + 1), inner)


def pulled_in(formula: Formula, by: Formula) -> Formula | None:
    """The derivative taken inside a sum: constants in front, `d/d by` only where `by` occurs.

    -y log a - (1-y) log(1-a)  gives  -y d(log a)/da - (1-y) d(log(1-a))/da.
    None when there is nothing to pull in.
    """
    pieces: list[Formula] = []
    for term in terms_of(formula):
        if not contains(term, by):
            continue
        body, minus = (term.body, True) if isinstance(term, Neg) else (term, False)
        if isinstance(body, Add):
            return None
        constant = [f for f in factors_of(body) if not contains(f, by)]
        variable = [f for f in factors_of(body) if contains(f, by)]
        inner = () if variable == [by] else (Deriv(times(*variable), by),)
        piece = times(*constant, *inner)
        pieces.append(negative(piece) if minus else piece)
    return plus(*pieces) if pieces else None
