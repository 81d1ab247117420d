"""Documents whose vectors are rows: `q = s W`; each right claim with a wrong one."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

SHAPES = r"The state is $s \in \mathbb{R}^{1 \times p}$ and $W \in \mathbb{R}^{p \times d}$."
PROSE = (
    r"All vectors are **rows** here, $s \in \mathbb{R}^{p}$ and $W \in \mathbb{R}^{p \times d}$."
)
NETWORK = r"""
$$q = s W + b, \qquad h = \tanh(q)$$

$$L = \frac12 \| h - y \|^2$$
"""


@pytest.mark.parametrize("told", [SHAPES, PROSE])
@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial L}{\partial h} = h - y", "proved"),
        (r"\frac{\partial L}{\partial q} = (h - y) \odot (1 - h \odot h)", "proved"),
        (r"\frac{\partial L}{\partial q} = (h - y) \odot (1 + h \odot h)", "refuted"),
        (r"\frac{\partial L}{\partial W} = s^\top \frac{\partial L}{\partial q}", "proved"),
        (r"\frac{\partial L}{\partial W} = 2 s^\top \frac{\partial L}{\partial q}", "refuted"),
        (r"\frac{\partial L}{\partial W} = \left(\frac{\partial L}{\partial q}\right)^\top s", "ill_formed"),
        (r"\frac{\partial L}{\partial s} = \frac{\partial L}{\partial q} W^\top", "proved"),
        (r"\frac{\partial L}{\partial s} = \frac{\partial L}{\partial h} W^\top", "refuted"),
        (r"\frac{\partial L}{\partial s} = \frac{\partial L}{\partial q} W", "ill_formed"),
        (r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial q}", "proved"),
        (r"\|h\|^2 = h h^\top", "proved"),
        (r"\|h\|^2 = 2 h h^\top", "refuted"),
    ],
)  # fmt: skip
def test_rows(told: str, claim: str, verdict: str) -> None:
    assert verify(f"{told}\n{NETWORK}\n$${claim}$$").equations[-1].verdict == verdict


def test_a_repair_is_written_with_rows() -> None:
    wrong = r"\frac{\partial L}{\partial s} = 2 \frac{\partial L}{\partial q} W^\top"
    last = verify(f"{SHAPES}\n{NETWORK}\n$${wrong}$$").equations[-1]
    assert last.verdict == "refuted"
    assert last.repair
    mended = verify(
        f"{SHAPES}\n{NETWORK}\n$$\\frac{{\\partial L}}{{\\partial s}} = {last.repair}$$"
    )
    assert mended.equations[-1].verdict == "proved"


def test_columns_stay_columns() -> None:
    text = r"""
$x \in \mathbb{R}^{n \times 1}$ and the row $w \in \mathbb{R}^{1 \times n}$.

$$z = w x, \quad J = \frac12 (z - t)^2$$

$$\frac{\partial J}{\partial w} = (z - t) x^\top$$
"""
    assert verify(text).equations[-1].verdict == "proved"
