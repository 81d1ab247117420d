r"""A net of four layers worked out with numbers beside the general one with `l` and `L = 4`."""

from __future__ import annotations

import pytest

from symbackprop import verify
from symbackprop.verifying.understanding.numbered_layers import numbered_layers

GENERAL = r"""
The layers are $l = 1, 2, 3, 4$; layer $1$ is the input, so $L = 4$.
$$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j, \qquad a^l_j = \sigma(z^l_j)$$
$$\sigma(z) = \frac{1}{1+e^{-z}}$$
$$C = \frac{1}{2} \sum_j (y_j - a^L_j)^2$$
$$\delta^l_j = \frac{\partial C}{\partial z^l_j}$$
In matrix form $\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)$. For our net
"""

CLAIMS = [
    (r"\delta^4 = (a^4 - y) \odot \sigma'(z^4)", True),
    (r"\delta^4 = (a^4 - y) \odot \sigma'(z^3)", False),
    (r"\delta^3 = (w^4)^T \delta^4 \odot \sigma'(z^3)", True),
    (r"\delta^3 = (w^3)^T \delta^4 \odot \sigma'(z^3)", False),
    (r"\delta^2 = (w^3)^T \delta^3 \odot \sigma'(z^2)", True),
    (r"\delta^2 = (w^2)^T \delta^3 \odot \sigma'(z^2)", False),
    (r"\frac{\partial C}{\partial w^4_{jk}} = (a^4_j - y_j) a^4_j (1 - a^4_j) a^3_k", True),
    (r"\frac{\partial C}{\partial w^4_{jk}} = (a^4_j - y_j) (1 - a^4_j) a^3_k", False),
    (r"\frac{\partial C}{\partial w^3_{jk}} = \delta^3_j a^2_k", True),
    (r"\frac{\partial C}{\partial w^3_{jk}} = \delta^3_j a^3_k", False),
    (r"\frac{\partial C}{\partial a^1} = (w^2)^T \delta^2", True),
    (r"\frac{\partial C}{\partial a^1} = w^2 \delta^2", False),
]


def test_claims_with_numbers_beside_letters() -> None:
    text = GENERAL + "\n".join(f"$${claim}$$" for claim, _ in CLAIMS)
    found = verify(text).equations[-len(CLAIMS) :]
    for equation, (claim, right) in zip(found, CLAIMS, strict=True):
        wanted = ("proved", "agrees") if right else ("refuted", "ill_formed")
        assert equation.verdict in wanted, (claim, equation.verdict, equation.reason)


@pytest.mark.parametrize(("claim", "right"), CLAIMS[4:6])
def test_one_of_them_alone(claim: str, right: bool) -> None:
    last = r"and $\delta^4 = (a^4 - y) \odot a^4 \odot (1 - a^4)$"
    equation = verify(f"{GENERAL}$${claim}$${last}").equations[-2]
    assert equation.verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))


FROM_ZERO = r"""Layers $l = 1, \dots, L$ with $L = 3$ and $a^0 = x$.
$$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j, \qquad a^l_j = \sigma(z^l_j)$$
with the sigmoid $\sigma$.
$$C = \frac{1}{2} \sum_j (a^L_j - y_j)^2, \qquad \delta^l_j = \frac{\partial C}{\partial z^l_j}$$
In matrix form $\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)$.
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\delta^3 = (a^3 - y) \odot \sigma'(z^3)", True),
        (r"\delta^3 = (a^3 - y) \odot \sigma'(z^2)", False),
        (r"\delta^2 = (w^3)^T \delta^3 \odot \sigma'(z^2)", True),
        (r"\delta^2 = (w^2)^T \delta^3 \odot \sigma'(z^2)", False),
        (r"\frac{\partial C}{\partial w^2_{jk}} = \delta^2_j a^1_k", True),
        (r"\frac{\partial C}{\partial w^2_{jk}} = \delta^2_j a^2_k", False),
    ],
)
def test_one_numbered_claim(claim: str, right: bool) -> None:
    equation = verify(f"{FROM_ZERO}$${claim}$$").equations[-1]
    assert equation.verdict in (("proved", "agrees") if right else ("refuted", "ill_formed"))


def test_a_square_stays_one() -> None:
    layers = (
        r"$z^l = w^l a^{l-1}$, $\delta^2 = \frac{\partial C}{\partial z^2}$, $\delta^l = 1$, $a^3$"
    )
    assert "z" in numbered_layers(layers + r", $\sigma'(z) = a$")
    assert "z" not in numbered_layers(r"$a^l = f(z^l)$, $f'(z) = 1 - z^2$, $a^3 = f(z^l)$")


@pytest.mark.parametrize(
    ("general", "first"), [(FROM_ZERO.replace("and $a^0 = x$", ""), 0), (GENERAL, 1)]
)
def test_the_input_told_after_the_layers(general: str, first: int) -> None:
    right = rf"\delta^{first + 1}_j x_k"
    weights = rf"\frac{{\partial C}}{{\partial w^{first + 1}_{{jk}}}}"
    text = rf"{general} Here $a^{first} = x$. $$\delta^2 = (w^3)^T \delta^3 \odot \sigma'(z^2)$$"
    found = verify(rf"{text}$${weights} = {right}$$ $${weights} = -{right}$$").equations
    assert [e.verdict for e in found[-4:]] == ["definition", "proved", "proved", "refuted"]
