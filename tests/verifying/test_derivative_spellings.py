"""Derivatives in the spellings of plain text: a slash, spaces, round or straight d."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.verifying.verify import verify

NETWORK = "$z = w x$, $a = \\sigma(z)$ with the sigmoid, $J = \\frac12 (a - t)^2$\n\n"
SPELLINGS = [
    "dJ/dw", "d J / d w", "∂J/∂w", r"\partial J / \partial w", r"\frac{dJ}{dw}",
    r"\frac{d J}{d w}", r"\frac{\mathrm{d}J}{\mathrm{d}w}", "dJ/da \\cdot da/dz \\cdot dz/dw",
]  # fmt: skip


@pytest.mark.parametrize("left", SPELLINGS)
@pytest.mark.parametrize(("right", "verdict"), [("(a - t)", "proved"), ("(t - a)", "refuted")])
def test_spellings(left: str, right: str, verdict: str) -> None:
    report = verify(NETWORK + f"${left} = {right} a (1 - a) x$")
    assert report.equations[-1].verdict == verdict


def test_in_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("y = w x\nJ = 1/2 (y - t)^2\ndJ/dw = (y - t) x\ndJ/dy = -(y - t)\n")
    assert [e.verdict for e in verify(path).equations][2:] == ["proved", "refuted"]


def test_a_derivative_by_what_nothing_defines_is_no_false_claim() -> None:
    assert verify(NETWORK + "$dJ/d\\theta = 3$").equations[-1].verdict == "not_understood"


SOFTMAX = r"""$$o = W x + b, \quad \hat y_j = \frac{\exp(o_j)}{\sum_k \exp(o_k)}, \quad l = -\sum_j y_j \log \hat y_j$$

with one-hot targets, $\sum_j y_j = 1$.

$$%s$$
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"\partial_{o_j} l = \hat y_j - y_j", r"\partial_{o_j} l = y_j - \hat y_j"),
        (r"\partial_{b_j} l = \hat y_j - y_j", r"\partial_{b_j} l = \hat y_j"),
        (
            r"\partial_{o_j} l = \mathrm{softmax}(o)_j - y_j",
            r"\partial_{o_j} l = \mathrm{softmax}(o)_j + y_j",
        ),
    ],
)
def test_the_sign_of_a_partial_derivative_with_a_subscript(right: str, wrong: str) -> None:
    assert verify(SOFTMAX % right, budget=20).equations[-1].verdict == "proved"
    assert verify(SOFTMAX % wrong, budget=20).equations[-1].verdict == "refuted"
