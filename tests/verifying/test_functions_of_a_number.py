"""Functions of one variable: made of each other, with erf, and beside sections about vectors."""

from __future__ import annotations

from itertools import pairwise

import pytest

from symbackprop.verifying.verify import verify

GELU = r"""
$\Phi(x) = \frac{1}{2} \left( 1 + \operatorname{erf}\left( \frac{x}{\sqrt{2}} \right) \right)$,
$\varphi(x) = \frac{1}{\sqrt{2\pi}} e^{-x^2/2}$ and $g(x) = x \, \Phi(x)$.
"""
SWISH = r"With $\sigma(x) = \frac{1}{1+e^{-x}}$ and a trainable $\beta$: $$s(x) = x \, \sigma(\beta x)$$"
MISH = r"$p(x) = \log(1 + e^x)$ and $m(x) = x \tanh(p(x))$."
LAYER = r"""
## Layer

$$z = W x + b, \quad a = \tanh(z), \quad L = \frac12 \|a - y\|^2$$
"""
OTHER_LAYER = LAYER.replace("W x", "A u")

RIGHT = ("proved", "agrees")
WRONG = ("refuted",)
CLAIMS = [
    (GELU, r"\Phi'(x) = \varphi(x)", RIGHT),
    (GELU, r"\Phi'(x) = 2 \varphi(x)", WRONG),
    (GELU, r"g'(x) = \Phi(x) + x \varphi(x)", RIGHT),
    (GELU, r"g''(x) = (2 - x^2) \varphi(x)", RIGHT),
    (GELU, r"g''(x) = (1 - x^2) \varphi(x)", WRONG),
    (SWISH, r"\frac{\partial s}{\partial x} = \sigma(\beta x) + \beta x \sigma(\beta x) (1 - \sigma(\beta x))", RIGHT),
    (SWISH, r"\frac{\partial s}{\partial x} = \sigma(\beta x) + x \sigma(\beta x) (1 - \sigma(\beta x))", WRONG),
    (SWISH, r"\frac{\partial s}{\partial \beta} = x^2 \sigma(\beta x) (1 - \sigma(\beta x))", RIGHT),
    (SWISH, r"\frac{\partial s}{\partial \beta} = x \sigma(\beta x) (1 - \sigma(\beta x))", WRONG),
    (MISH, r"m'(x) = \tanh(p(x)) + x (1 - \tanh^2(p(x))) p'(x)", RIGHT),
    (MISH, r"m'(x) = \tanh(p(x)) + x (1 - \tanh^2(p(x)))", WRONG),
]  # fmt: skip


@pytest.mark.parametrize(("functions", "claim", "verdicts"), CLAIMS)
def test_alone_and_beside_vectors(functions: str, claim: str, verdicts: tuple[str, ...]) -> None:
    text = f"{functions}\n\n$${claim}$$\n"
    assert verify(text).equations[-1].verdict in verdicts
    beside = verify(text + OTHER_LAYER).equations
    assert next(e for e in beside if e.latex == claim).verdict in verdicts


def test_a_derivative_by_a_parameter_beside_a_prime() -> None:
    text = SWISH + r"$$s'(x) = \sigma(\beta x) + \beta x \sigma(\beta x) (1 - \sigma(\beta x))$$"
    right = r"$$\frac{\partial s}{\partial \beta} = x^2 \sigma(\beta x) (1 - \sigma(\beta x))$$"
    assert verify(text + right).equations[-1].verdict == "proved"
    assert verify(text + right.replace("x^2", "x")).equations[-1].verdict == "refuted"


def test_vectors_stay_vectors() -> None:
    claims = r"$$\frac{\partial L}{\partial W} = ((a - y) \odot (1 - a^2)) x^\top$$"
    report = verify(SWISH + OTHER_LAYER + claims.replace("W", "A").replace("x^", "u^"))
    assert report.equations[-1].verdict == "proved"
    report = verify(LAYER + claims.replace(r"x^\top", "x"))
    assert report.equations[-1].verdict not in RIGHT


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\tanh' = 1 - \tanh^2", "proved"),
        (r"\tanh' = 1 - \tanh", "refuted"),
        (r"\exp' = \exp", "proved"),
        (r"\sin' = \cos", "proved"),
        (r"\cos' = \sin", "refuted"),
        (r"\tanh' = 1 - a^2", "not_understood"),
        (r"\operatorname{erf}'(u) = \frac{2}{\sqrt{\pi}} e^{-u^2}", "proved"),
        (r"\frac{d}{du} \operatorname{erf}(u) = \frac{1}{\sqrt{\pi}} e^{-u^2}", "refuted"),
    ],
)
def test_known_functions(claim: str, verdict: str) -> None:
    assert verify(f"$${claim}$$").equations[-1].verdict == verdict


def test_functions_made_of_functions_stay_short() -> None:
    letters = "abcdghkmnpqruvw"
    text = "$a(x) = x^2 + x$\n\n" + "".join(
        f"${g}(x) = {f}({f}(x)) + {f}(x) {f}(x)$\n\n" for f, g in pairwise(letters)
    )
    assert len(verify(text).equations) == len(letters)
