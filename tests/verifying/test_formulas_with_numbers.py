"""Worked examples in which formulas end in numbers: `δ = (y - t) y (1 - y) = -0.35 · 0.23 = -0.08`."""

from __future__ import annotations

import math

import pytest

from symbackprop.verifying.verify import verify

NEURON = r"""
One neuron, $w = 0.8$, $b = -0.3$, $x = 1.5$, $t = 0.2$, with $\sigma(u) = 1/(1+e^{-u})$.

$$z = w x + b = 0.8 \cdot 1.5 - 0.3 = 0.9$$ $$y = \sigma(z) = 0.7109$$
$$L = \frac12 (y - t)^2 = \frac12 (0.7109 - 0.2)^2 = 0.1305$$
"""
Y = 1 / (1 + math.exp(-0.9))
SLOPE = (Y - 0.2) * Y * (1 - Y)
"""∂L/∂z of the neuron."""


def last(text: str) -> str:
    return verify(text).equations[-1].verdict


def test_the_forward_pass() -> None:
    assert {e.verdict for e in verify(NEURON).equations} <= {"definition", "agrees", "proved"}


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (rf"\frac{{\partial L}}{{\partial y}} = y - t \approx {Y - 0.2:.4f}", "agrees"),
        (r"\frac{\partial L}{\partial y} = y - t \approx -0.5109", "refuted"),
        (r"\frac{\partial L}{\partial y} = t - y \approx -0.5109", "refuted"),
        (rf"\frac{{dL}}{{dz}} = (y - t) y (1 - y) = 0.5109 \cdot 0.7109 \cdot 0.2891 = {SLOPE:.4f}", "agrees"),
        (rf"\frac{{dL}}{{dz}} = (y - t) y (1 - y) = 0.5109 \cdot 0.2055 = {SLOPE:.4f}", "agrees"),
        (r"\frac{dL}{dz} = (y - t) y (1 - y) = 0.5109 \cdot 0.7109 = 0.3632", "refuted"),
        (r"\frac{dL}{dz} = (y - t) y (1 - y) = 0.5109 \cdot 0.2055 = 0.2050", "refuted"),
        (r"\frac{dL}{dz} = (y - t) y = 0.5109 \cdot 0.7109 = 0.3632", "refuted"),
        (rf"\frac{{dL}}{{dw}} = \frac{{dL}}{{dz}} x \approx {1.5 * SLOPE:.4f}", "agrees"),
        (r"\frac{dL}{dw} = \frac{dL}{dz} x \approx 0.2575", "refuted"),
        # A digit off: too far for rounding, too near to be called wrong.
        (r"\frac{dL}{dw} = \frac{dL}{dz} x \approx 0.1595", "not_understood"),
        (rf"w - \eta \frac{{dL}}{{dw}} \approx {0.8 - 0.15 * SLOPE:.4f}", "agrees"),
        (r"w - \eta \frac{dL}{dw} \approx 0.8158", "refuted"),
        (rf"w \leftarrow w - \eta \frac{{dL}}{{dw}} \approx {0.8 - 0.15 * SLOPE:.4f}", "agrees"),
        (r"w \leftarrow w - \eta \frac{dL}{dw} \approx 0.8158", "refuted"),
        (r"w \leftarrow w + \eta \frac{dL}{dw} \approx 0.8158", "refuted"),
    ],
)  # fmt: skip
def test_a_formula_and_its_number(line: str, verdict: str) -> None:
    assert last(f"{NEURON}\nWith $\\eta = 0.1$:\n\n$${line}$$") == verdict


def test_definitions_with_rounded_numbers_behind() -> None:
    text = r"""
$w_1 = 0.2$, $w_2 = -0.4$, $x = 1.5$, $t = 0.5$ and the sigmoid $\sigma$:

$$h = \sigma(w_1 x) \approx 0.5744, \quad o = \sigma(w_2 h) \approx 0.4428$$ $$E = \frac12 (t - o)^2 \approx 0.001636$$
"""
    claim = "$$\\frac{\\partial E}{\\partial w_2} = (o - t) o (1 - o) h \\approx %s$$"
    assert [e.verdict for e in verify(text).equations[-2:]] == ["agrees", "agrees"]
    assert last(text + claim % "-0.0081") == "agrees"
    assert last(text + claim % "0.0081") == "refuted"


NET = r"""
$x = 2$, $u = 0.5$, $v = -1.5$, $y = 1$. $$h = \tanh(u x), \quad o = v h, \quad C = (o - y)^2$$
"""


def test_right_numbers_after_a_wrong_one() -> None:
    """The author may go on with the right number, or with the wrong one that is printed."""
    h = math.tanh(1)
    wrong = rf"$$h \approx {h:.4f}$$ $$o \approx {1.5 * h:.4f}$$ "
    for o in (-1.5 * h, 1.5 * h):
        text = (
            NET
            + wrong
            + rf"$$C \approx {(o - 1) ** 2:.3f}$$ $$\frac{{\partial C}}{{\partial o}} \approx {2 * (o - 1):.3f}$$"
        )
        assert [e.verdict for e in verify(text).equations[-2:]] == ["agrees", "agrees"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"g = 0.0572 \cdot 0.4428 \cdot 0.5572 = 0.0572 \cdot 0.2467 = 0.0141", "agrees"),
        (r"g = 0.0572 \cdot 0.4428 \cdot 0.5572 = 0.0572 \cdot 0.2567 = 0.0147", "refuted"),
        (r"g = -0.0572 \cdot 0.4428 = -0.02533", "agrees"),
        (r"g = -0.0572 \cdot 0.4428 = 0.02533", "refuted"),
    ],
)
def test_rounded_on_the_way(line: str, verdict: str) -> None:
    assert last(f"$${line}$$") == verdict
