"""Cases over layers: the last one and the others; each right statement with wrong ones."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

ENTRIES = r"""
$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j$, $a^l_j = \sigma(z^l_j)$ with the sigmoid and
$C = \frac12 \sum_j (a^L_j - y_j)^2$. The error is $\delta^l_j = \frac{\partial C}{\partial z^l_j}$.

"""
ARRAYS = r"""
The network is $a^{(0)} = x$, $z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}$, $a^{(l)} = g(z^{(l)})$ for $l = 1, \ldots, L$
and $C = \frac12 \|a^{(L)} - y\|^2$. Let $\delta^{(l)} = \frac{\partial C}{\partial z^{(l)}}$.

"""
LAST = r"(a^L_j - y_j) \sigma'(z^L_j)"
ABOVE = r"\sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)"


def cases(last: str, other: str) -> str:
    return rf"$$\delta^l_j = \begin{{cases}} {last} & l = L \\ {other} & l < L \end{{cases}}$$"


@pytest.mark.parametrize(
    ("last", "other", "verdict"),
    [
        (LAST, ABOVE, "proved"),
        (LAST.replace("- y", "+ y"), ABOVE, "refuted"),
        (LAST, ABOVE.replace("{kj}", "{jk}"), "ill_formed"),
        (LAST, ABOVE.replace("(z^l_j)", "(z^{l+1}_j)"), "ill_formed"),
        (LAST, "2 " + ABOVE, "refuted"),
    ],
)
def test_entries(last: str, other: str, verdict: str) -> None:
    assert verify(ENTRIES + cases(last, other)).equations[-1].verdict == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (r"\delta^l_j = (a^l_j - y_j) \sigma'(z^l_j) \quad \text{for } l = L", "proved"),
        (r"\delta^l_j = (y_j - a^l_j) \sigma'(z^l_j) \quad \text{for } l = L", "refuted"),
    ],
)
def test_a_condition_behind(line: str, verdict: str) -> None:
    assert verify(f"{ENTRIES}$${line}$$").equations[-1].verdict == verdict


@pytest.mark.parametrize(("factor", "verdict"), [("", "proved"), ("2 ", "refuted")])
def test_arrays(factor: str, verdict: str) -> None:
    line = (
        r"$$\delta^{(l)} = \begin{cases} (a^{(L)} - y) \odot g'(z^{(L)}) & l = L \\ "
        + factor
        + r"(W^{(l+1)})^T \delta^{(l+1)} \odot g'(z^{(l)}) & l < L \end{cases}$$"
    )
    assert verify(ARRAYS + line).equations[-1].verdict == verdict
