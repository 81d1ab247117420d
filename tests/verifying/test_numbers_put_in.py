"""Worked examples with a ReLU: slopes that are put in as numbers, products that are 0, wrong numbers on the way."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = r"""
The inputs are $u_1 = 2$, $u_2 = -0.5$ and the target is $t = 0.4$.
The weights are $p_{11} = 0.5$, $p_{12} = -0.6$, $p_{21} = -0.4$, $p_{22} = 0.2$, $q_1 = 0.3$, $q_2 = 0.7$.

For $j = 1, 2$:

$$z_j = p_{j1} u_1 + p_{j2} u_2, \qquad h_j = \max(0, z_j)$$

$$o = q_1 h_1 + q_2 h_2, \qquad L = \frac12 (o - t)^2$$

$$z_1 = 0.5 \cdot 2 + (-0.6) \cdot (-0.5) = 1.3$$

$$z_2 = -0.4 \cdot 2 + 0.2 \cdot (-0.5) = -0.9$$

Hence $h_1 = 1.3$, $h_2 = 0$ and $$o = 0.3 \cdot 1.3 = 0.39$$
"""
# o - t = -0.01, so ∂L/∂h_1 = -0.003, ∂L/∂h_2 = -0.007


def d(of: str) -> str:
    return rf"\frac{{\partial L}}{{\partial {of}}}"


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (f"{d('q_2')} = {d('o')} h_2 = 0", True),
        (f"{d('q_2')} = {d('o')} h_1 = 0", False),
        (f"{d('z_1')} = {d('h_1')} \\cdot 1 = -0.003", True),
        (f"{d('z_2')} = {d('h_2')} \\cdot 1 = -0.007", False),
        (f"{d('z_1')} = {d('h_2')} \\cdot 1 = -0.007", False),
        (f"{d('p_{11}')} = {d('z_1')} \\cdot 2.0 = -0.006", True),
        (f"{d('p_{12}')} = {d('z_1')} \\cdot 2.0 = -0.006", False),
        (f"{d('p_{12}')} = (-0.003) \\cdot (-0.5) = 0.0015", True),
        (f"{d('p_{12}')} = (-0.003) \\cdot 2 = -0.006", False),
        (f"{d('p_{11}')} = -0.006", True),
        (f"{d('p_{11}')} = 0.006", False),
        (f"{d('p_{21}')} = 0", True),
    ],
)
def test_at_the_numbers(claim: str, right: bool) -> None:
    assert verify(f"{TEXT}\n$${claim}$$").equations[-1].verdict == (
        "agrees" if right else "refuted"
    )


def test_a_wrong_number_on_the_way() -> None:
    """z_1 is printed wrongly, which would make the neuron dead: later numbers are judged by the right one too."""
    text = TEXT.replace("= 1.3$$", "= -1.3$$")
    verdicts = [e.verdict for e in verify(f"{text}\n$${d('z_1')} = -0.003$$").equations]
    assert verdicts[-1] == "agrees"
    assert "refuted" in verdicts
    wrong = verify(f"{text}\n$${d('p_{11}')} = -0.003 \\cdot (-0.5) = 0.0015$$").equations[-1]
    assert wrong.verdict == "refuted"
    assert "-0.006" in (wrong.reason or "")


def test_functions_that_are_unknown_give_no_numbers() -> None:
    text = r"""
$$z = w x, \quad a = g(z), \quad E = \frac12 (a - y)^2$$

With $w = 0.5$, $x = 2$ and $y = 1$: $$z = 0.5 \cdot 2 = 1.0$$

$$\frac{\partial E}{\partial w} = 0.25$$
"""
    assert verify(text).equations[-1].verdict == "not_understood"
