r"""`\mathrm{d}M`, `δq`: a sign that means the derivative of the cost by the quantity behind it."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

HEAD = r"""
For $X \in \mathbb{R}^{n \times d}$ and a head of size $d_k$

$$Q = X W_Q, \qquad K = X W_K, \qquad V = X W_V$$

$$S = \frac{1}{\sqrt{d_k}} Q K^\top, \qquad A = \operatorname{softmax}(S), \qquad O = A V$$

$$\mathcal{L} = \frac{1}{2} \| O - T \|_F^2$$

"""
SHORT = r"In what follows $\mathrm{d}M$ is short for $\partial \mathcal{L} / \partial M$."
LET = r"Let $\mathrm{d}M$ denote the gradient of the loss $\mathcal{L}$ with respect to $M$."
ROWS = r"""

$$D_i = \sum_l A_{il} \, \mathrm{d}A_{il}$$

"""


@pytest.mark.parametrize(
    ("said", "claim", "verdict"),
    [
        (SHORT, r"\mathrm{d}O = O - T", "proved"),
        (LET, r"\mathrm{d}O = O - T", "proved"),
        (SHORT, r"\mathrm{d}O = T - O", "refuted"),
        (SHORT, r"\mathrm{d}V = A^\top \mathrm{d}O", "proved"),
        (SHORT, r"\mathrm{d}V = A \, \mathrm{d}O", "refuted"),
        (SHORT, r"\mathrm{d}A = \mathrm{d}O \, V^\top", "proved"),
        (SHORT, r"\mathrm{d}K = \frac{1}{\sqrt{d_k}} \mathrm{d}S^\top Q", "proved"),
        (LET, r"\mathrm{d}K = \frac{1}{\sqrt{d_k}} \mathrm{d}S \, Q", "refuted"),
        (SHORT, r"\mathrm{d}K = \mathrm{d}S^\top Q", "refuted"),
        (SHORT + ROWS, r"\mathrm{d}S = A \odot (\mathrm{d}A - D \mathbf{1}^\top)", "proved"),
        (SHORT + ROWS, r"\mathrm{d}S = A \odot (\mathrm{d}A - \mathbf{1} D^\top)", "refuted"),
        (SHORT + ROWS, r"D_i = \sum_c \mathrm{d}O_{ic} O_{ic}", "proved"),
        (SHORT + ROWS, r"D_i = \sum_c \mathrm{d}O_{ci} O_{ci}", "ill_formed"),
    ],
)
def test_upright_d(said: str, claim: str, verdict: str) -> None:
    assert verify(f"{HEAD}{said}\n\n$${claim}$$").equations[-1].verdict == verdict


PLAIN = r"""
$$z = W x, \qquad h = \tanh(z), \qquad o = U h, \qquad E = \frac{1}{2} \| o - y \|^2$$

"""
OPERATOR = r"We write $\delta q$ for the gradient, i.e. $\delta q = \frac{\partial E}{\partial q}$."
OF_THE_LOSS = r"Below, $\delta q$ denotes the gradient of the loss with respect to $q$."
OF_ONE = r"Let $\delta h$ be the derivative of the loss $E$ with respect to $h$."


@pytest.mark.parametrize(
    ("said", "claim", "verdict"),
    [
        (OPERATOR, r"\delta o = o - y", "proved"),
        (OPERATOR, r"\delta h = U^T \delta o", "proved"),
        (OF_ONE, r"\delta h = U^T \delta o", "proved"),
        (OPERATOR, r"\delta U = \delta o \, h^T", "proved"),
        (OPERATOR, r"\delta U = h \, \delta o^T", "ill_formed"),
        (OPERATOR, r"\delta z = \delta h \odot (1 - h \odot h)", "proved"),
        (OF_ONE, r"\delta z = \delta h \odot (1 - h)", "refuted"),
        (OPERATOR, r"\delta W = \delta z \, x^T", "proved"),
        (OPERATOR, r"\delta x = W \delta z", "ill_formed"),
        (OF_THE_LOSS, r"\delta z = \delta h \odot (1 - h \odot h)", "proved"),
        (OF_THE_LOSS, r"\delta z = \delta h \odot h", "refuted"),
    ],
)
def test_delta(said: str, claim: str, verdict: str) -> None:
    assert verify(f"{PLAIN}{said}\n\n$${claim}$$").equations[-1].verdict == verdict


def test_what_tells_the_sign_is_a_definition() -> None:
    assert verify(PLAIN + OPERATOR).equations[-1].verdict == "definition"


def test_equations_alone_tell() -> None:
    text = (
        "$$Z = X W, \\qquad L = \\frac{1}{2} \\| Z - T \\|_F^2$$\n\n"
        "$$\\mathrm{d}Z = Z - T$$\n\n$$\\mathrm{d}W = X^\\top \\mathrm{d}Z$$"
    )
    assert [e.verdict for e in verify(text).equations[-2:]] == ["proved", "proved"]


def test_deltas_alone_tell() -> None:
    claims = (r"\delta o = o - y", r"\delta h = U^T \delta o", r"\delta W = \delta z \, x^T")
    text = PLAIN + "\n\n".join(f"$${c}$$" for c in claims)
    assert [e.verdict for e in verify(text).equations[-3:]] == ["proved"] * 3


@pytest.mark.parametrize("d", [r"\mathrm d ", r"\text{d}", "d"])
def test_other_ways_to_write_the_sign(d: str) -> None:
    said = rf"We write ${d}M$ for $\partial \mathcal{{L}} / \partial M$."
    text = f"{HEAD}{said}\n\n$${d}V = A^\\top {d}O$$\n\n$${d}A = {d}O \\, V$$"
    assert [e.verdict for e in verify(text).equations[-2:]] == ["proved", "ill_formed"]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\mathrm{d}z = W \, \mathrm{d}x", "proved"),
        (r"\mathrm{d}z = 2 W \, \mathrm{d}x", "refuted"),
    ],
)
def test_changes_stay_changes(claim: str, verdict: str) -> None:
    assert verify(f"{PLAIN}$${claim}$$").equations[-1].verdict == verdict
