"""Numeric lines: `0.05*0.15 + 0.35 = 0.3775`, judged within the digits that are printed.

A printed decimal stands for the interval of half a unit of its last digit around it; short ones
(given inputs) are exact when they are inputs of the calculation, so both readings are tried: a line is
wrong only if no choice within the printed digits makes it true.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from mpmath import iv, mp, mpf  # type: ignore[import-untyped]

from symbackprop.formula.tree import (
    Add,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Hadamard,
    Mul,
    Neg,
    Num,
    Pow,
    Sym,
)
from symbackprop.judging.verdict import Counterexample, Verdict

LARGEST = 10**6
SHORT = 6
"""A decimal with fewer significant digits than this is taken to be exact inside a calculation."""

LEAST_ROUNDED = 3
"""A number on the way with fewer significant digits is not taken for a rounded one."""


class NoNumber(Exception):
    """A formula without a numeric value."""


def interval(f: Formula, values: Mapping[Formula, Formula], final: bool = False) -> iv.mpf:
    """The numbers that a formula can mean. `final`: a lone printed result, rounded to its digits.

    values: of names, of derivatives, and of numbers, where a number that stands for itself is a rounded one.
    """
    if isinstance(f, Deriv | Num) and f in values:
        return (
            _printed(f.text, True)
            if isinstance(f, Num) and values[f] == f
            else interval(values[f], {})
        )
    if isinstance(f, Call) and f in values:
        return interval(values[f], {})
    if isinstance(f, Num):
        return _printed(f.text, final)
    if isinstance(f, Sym):
        if f not in values:
            raise NoNumber(f.base)
        return interval(values[f], values)
    if isinstance(f, Neg):
        return -interval(f.body, values, final)
    if isinstance(f, Add):
        total = iv.mpf(0)
        for t in f.terms:
            total += interval(t, values)
        return total
    if isinstance(f, Mul | Hadamard):
        product = iv.mpf(1)
        for t in f.factors:
            product *= interval(t, values)
        return product
    if isinstance(f, Div):
        bottom = interval(f.den, values)
        if 0 in bottom:
            raise NoNumber("division by 0")
        return interval(f.num, values) / bottom
    if isinstance(f, Pow):
        exponent = f.exponent
        base = interval(f.base, values)
        if (
            isinstance(exponent, Num)
            and exponent.value.denominator == 1
            and abs(exponent.value) < 100
        ):
            n = int(exponent.value)
            return base**n
        return _exp(interval(exponent, values) * iv.log(base))
    if isinstance(f, Call) and not f.primes and len(f.args) == 1:
        x = interval(f.args[0], values)
        if f.name == "exp":
            return _exp(x)
        if f.name == "log":
            return iv.log(x)
        if f.name == "sqrt":
            return iv.sqrt(x)
        if f.name == "tanh":
            e = _exp(2 * x)
            return 1 - 2 / (e + 1)
        if f.name in ("sigmoid", "sigma"):
            return 1 / (1 + _exp(-x))
    raise NoNumber(type(f).__name__)


def _exp(x: iv.mpf) -> iv.mpf:
    """e^x; its cost grows with the number of digits before the point of x."""
    if not x.a > -LARGEST or not x.b < LARGEST:
        raise NoNumber("too large a number")
    return iv.exp(x)


def _printed(text: str, final: bool) -> iv.mpf:
    value = Fraction(text)
    digits = text.split(".")[1] if "." in text else ""
    if "e" in text.lower():
        digits = ""
    exact = iv.mpf(value.numerator) / value.denominator
    significant = len(text.replace(".", "").lstrip("0"))
    if not digits or (not final and significant < SHORT):
        return exact
    half = iv.mpf(1) / 2 / 10 ** len(digits)
    # Less than one unit of the last digit on either side: authors truncate as often as they round.
    return exact + iv.mpf([-1, 1]) * half * 2 * (1 - iv.mpf(10) ** -6)


def near(chain: Chain, values: Mapping[Formula, Formula]) -> bool:
    """Whether two numbers are within a twentieth of each other: figures that were rounded on the way."""
    one, two = (number_of(m, values) for m in chain.members)
    if one is None or two is None:
        return True
    return bool(abs(one - two) * 20 <= max(abs(one), abs(two)))


def number_of(f: Formula, values: Mapping[Formula, Formula]) -> mpf | None:
    """What a formula is worth; None if a value is missing."""
    try:
        return mpf(interval(f, values).mid.a)
    except (NoNumber, ZeroDivisionError, ValueError, OverflowError, RecursionError):
        return None


def judge_numbers(chain: Chain, values: Mapping[Formula, Formula]) -> Verdict | None:
    """The verdict on a chain all of whose members (but perhaps the first) are numbers; None if not so."""
    mp.prec, iv.prec = 120, 120
    found: list[iv.mpf | None] = []
    for k, m in enumerate(chain.members):
        try:
            lone = isinstance(m.body if isinstance(m, Neg) else m, Num)
            known_here = values if lone else {**values, **_on_the_way(chain, k)}
            found.append(interval(m, known_here, lone))
        except (NoNumber, ZeroDivisionError, ValueError, OverflowError, RecursionError):
            found.append(None)
    known = [i for i, x in enumerate(found) if x is not None]
    if len(known) < 2:
        return None
    reference = found[known[0]]
    members: list[Verdict] = []
    for k in range(1, len(chain.members)):
        value = found[k]
        if value is None:
            members.append(Verdict("not_understood", reason="no numeric value"))
            continue
        if k == known[0]:
            members.append(Verdict("definition", how="a value"))
            continue
        before = found[k - 1] if found[k - 1] is not None else reference
        assert before is not None
        assert reference is not None
        wrong_before = k >= 2 and members[k - 2].kind == "refuted"
        if _overlap(reference, value) and (wrong_before or _overlap(before, value)):
            members.append(Verdict("agrees", how="within the printed digits"))
        else:
            left, right = _show(before), _show(value)
            members.append(
                Verdict(
                    "refuted", reason=f"the left side is {left}, not {right}",
                    counterexample=Counterexample((), left, right),
                )
            )  # fmt: skip
    for one in members:
        if one.kind == "refuted":
            return Verdict(
                "refuted",
                reason=one.reason,
                members=tuple(members),
                counterexample=one.counterexample,
            )
    if all(m.kind == "definition" for m in members):
        return Verdict("definition", how="a value", members=tuple(members))
    return Verdict("agrees", how="within the printed digits", members=tuple(members))


def _on_the_way(chain: Chain, k: int) -> dict[Formula, Formula]:
    """`0.057 · 0.443 · 0.557 = 0.057 · 0.247`: numbers new in a later calculation are rounded results."""
    numbers_only = [m for m in chain.members[:k] if not any(isinstance(n, Sym) for n in m.walk())]
    before = {n for m in numbers_only for n in m.walk() if isinstance(n, Num)}
    if not before:
        return {}
    numbers = [n for n in chain.members[k].walk() if isinstance(n, Num)]
    return {n: n for n in numbers if n not in before and is_rounded(n)}


def is_rounded(n: Num) -> bool:
    """Whether a decimal inside a calculation may stand for a rounded result."""
    return "." in n.text and len(n.text.replace(".", "").lstrip("0")) >= LEAST_ROUNDED


def _overlap(a: iv.mpf, b: iv.mpf) -> bool:
    return bool(a.a <= b.b and b.a <= a.b)


def _show(x: iv.mpf) -> str:
    return str(mp.nstr((mpf(x.a) + mpf(x.b)) / 2, 10))
