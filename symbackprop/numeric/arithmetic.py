"""The three kinds of numbers of the plain forward pass, behind one small table of functions.

`Floats`   float64 or complex128, scalars or vectors of perturbed copies (NumPy)
`Decimals` mpmath numbers of a chosen precision

Branches (Piecewise, Max, Abs) are taken on the real part, so that a complex step stays on the
branch of the point at which the derivative is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import mpmath  # type: ignore[import-untyped]
import numpy as np

Number = Any
"""A float, a complex, a NumPy vector of either, or an mpmath number."""


class Arithmetic(Protocol):
    """What the forward pass needs beyond + - * / **."""

    def number(self, numerator: int, denominator: int) -> Number: ...

    def apply(self, name: str, argument: Number) -> Number: ...

    def power(self, base: Number, exponent: Number) -> Number: ...

    def real(self, value: Number) -> Number: ...

    def choose(self, condition: Any, then: Number, otherwise: Number) -> Number: ...


class Floats:
    """NumPy numbers, real or complex; vectors hold perturbed copies of one entry."""

    functions: dict[str, Callable[[Any], Any]]

    def __init__(self) -> None:
        self.functions = {
            "exp": np.exp,
            "log": np.log,
            "tanh": np.tanh,
            "sinh": np.sinh,
            "cosh": np.cosh,
            "sin": np.sin,
            "cos": np.cos,
            "tan": np.tan,
            "atan": np.arctan,
            "sqrt": np.sqrt,
            "Abs": lambda v: np.where(np.real(v) < 0, -v, v),
            "sign": lambda v: np.sign(np.real(v)),
            "Heaviside": lambda v: np.heaviside(np.real(v), 0.0),
        }

    def number(self, numerator: int, denominator: int) -> Number:
        return numerator / denominator

    def apply(self, name: str, argument: Number) -> Number:
        return self.functions[name](argument)

    def power(self, base: Number, exponent: Number) -> Number:
        if isinstance(exponent, float) and exponent.is_integer() and abs(exponent) <= 8:
            # Repeated products: exact for negative bases too, unlike complex powers.
            product = base
            for _ in range(int(abs(exponent)) - 1):
                product = product * base
            return product if exponent > 0 else 1.0 / product
        return np.power(base, exponent)

    def real(self, value: Number) -> Number:
        return np.real(value)

    def choose(self, condition: Any, then: Number, otherwise: Number) -> Number:
        if isinstance(condition, bool | np.bool_):
            return then if condition else otherwise
        return np.where(condition, then, otherwise)


class Decimals:
    """mpmath numbers; the precision is mpmath's own (`mpmath.workdps`)."""

    functions: dict[str, Callable[[Any], Any]]

    def __init__(self) -> None:
        self.functions = {
            "exp": mpmath.exp,
            "log": mpmath.log,
            "tanh": mpmath.tanh,
            "sinh": mpmath.sinh,
            "cosh": mpmath.cosh,
            "sin": mpmath.sin,
            "cos": mpmath.cos,
            "tan": mpmath.tan,
            "atan": mpmath.atan,
            "sqrt": mpmath.sqrt,
            "erf": mpmath.erf,
            "gamma": mpmath.gamma,
            "loggamma": mpmath.loggamma,
            "Abs": abs,
            "sign": mpmath.sign,
            "Heaviside": lambda v: mpmath.mpf(1 if v > 0 else 0),
        }

    def number(self, numerator: int, denominator: int) -> Number:
        return mpmath.mpf(numerator) / denominator

    def apply(self, name: str, argument: Number) -> Number:
        return self.functions[name](argument)

    def power(self, base: Number, exponent: Number) -> Number:
        return mpmath.power(base, exponent)

    def real(self, value: Number) -> Number:
        return mpmath.re(value)

    def choose(self, condition: Any, then: Number, otherwise: Number) -> Number:
        return then if condition else otherwise


def total(values: Sequence[Number]) -> Number:
    """The plain sum, left to right; an empty sum is 0."""
    result: Number = 0
    for value in values:
        result = result + value
    return result
