r"""Slopes at a number: `\left.\frac{d\sigma}{dz}\right|_{z=0} = \frac14`; other values at a point stay unread."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = r"""$$\sigma(z) = \frac{1}{1+e^{-z}}, \quad f(z) = z^3 - 2 z, \quad r(z) = \max(0, z)$$

A neuron: $z = w x + b$, $a = \sigma(z)$, $C = \frac12 (a - y)^2$, $q = f(z)$, $p = r(z)$.

$$%s$$
"""
SPELLINGS = [
    r"\left.\frac{d\sigma}{dz}\right|_{z=0} = %s",
    r"\frac{d\sigma}{dz}\Big|_{z=0} = %s",
    r"\frac{\mathrm{d}\sigma(z)}{\mathrm{d}z}\bigg\rvert_{z=0} = %s",
    r"\sigma'(z)\Bigr|_{z = 0} = %s",
    r"\sigma'(0) = %s",
]


def verdict(claim: str) -> str:
    return verify(TEXT % claim, budget=20).equations[-1].verdict


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_slope_of_the_sigmoid_at_zero_is_a_quarter(spelling: str) -> None:
    assert verdict(spelling % r"\frac14") == "agrees"
    assert verdict(spelling % "0.25") == "agrees"
    assert verdict(spelling % r"\frac12") == "refuted"


def test_slopes_at_other_numbers() -> None:
    assert verdict(r"\left.\frac{df}{dz}\right|_{z=-2} = 10") == "agrees"
    assert verdict(r"\left.\frac{df}{dz}\right|_{z=-2} = -10") == "refuted"
    assert verdict(r"f''(2) = 12") == "agrees"
    assert verdict(r"f''(2) = 10") == "refuted"
    assert verdict(r"\sigma'(1) = 0.1966") == "agrees"
    assert verdict(r"\sigma'(1) = 0.1976") == "refuted"


@pytest.mark.parametrize(
    "claim",
    [
        r"\left.\frac{\partial C}{\partial a}\right|_{a=y} = 0",
        r"\left.\frac{\partial C}{\partial a}\right|_{a=0} = y",
        r"\left.\frac{\partial C}{\partial w}\right|_{b=0} = 0",
        r"\left.\frac{dr}{dz}\right|_{z=0} = 0",
        r"\left.\frac{dr}{dz}\right|_{z=0} = 1",
        r"\left.\frac{d\sigma}{dz}\right|_{w=0} = \frac14",
    ],
)
def test_other_values_at_a_point_are_not_judged(claim: str) -> None:
    assert verdict(claim) == "not_understood"
