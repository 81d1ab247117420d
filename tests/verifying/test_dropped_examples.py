"""Texts that drop the letter of the example for a while; objectives f; Newton's step; words in `P(o | c)`."""

from __future__ import annotations

from pathlib import Path

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees")
WRONG = ("refuted", "ill_formed")


def verdict(text: str, tmp_path: Path) -> str:
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    return sb.verify(path).equations[-1].verdict


CLASSES = r"""
$$a_c^{(t)} = \theta_c^\top \phi^{(t)} + \beta_c, \qquad q_c^{(t)} = \frac{\exp a_c^{(t)}}{\sum_d \exp a_d^{(t)}}$$

$$E = -\frac1T \sum_{t=1}^T \sum_{c=1}^C r_c^{(t)} \ln q_c^{(t)} + \frac{\gamma}{2} \sum_{c=1}^C \|\theta_c\|^2$$

I drop the $(t)$. Let $\ell = -\sum_c r_c \ln q_c$ be the error of one case, where $\sum_c r_c = 1$.

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\frac{\partial q_c}{\partial a_c} = q_c (1 - q_c)", ACCEPTED),
        (r"\frac{\partial q_c}{\partial a_c} = q_c (1 + q_c)", WRONG),
        (r"\frac{\partial \ell}{\partial a_d} = q_d - r_d", ACCEPTED),
        (r"\frac{\partial \ell}{\partial a_d} = r_d - q_d", WRONG),
        (r"\nabla_{\theta_c} \ell = (q_c - r_c)\, \phi", ACCEPTED),
        (r"\nabla_{\theta_c} \ell = q_c \, \phi", WRONG),
        (r"\frac{\partial a_c}{\partial \theta_c} = \phi", ACCEPTED),
    ],
)
def test_a_letter_that_is_dropped(claim: str, expected: tuple[str, ...], tmp_path: Path) -> None:
    assert verdict(f"{CLASSES}$${claim}$$\n", tmp_path) in expected


def test_a_letter_of_layers_is_none_of_examples(tmp_path: Path) -> None:
    text = r"""
$$a^{(k)} = W^{(k)} h^{(k-1)} + b^{(k)}, \qquad h^{(k)} = g(a^{(k)})$$

With $g(a) = \tanh(a)$ we have $g'(a) = 1 - g(a)^2$.
"""
    assert verdict(text, tmp_path) in ACCEPTED


RIDGE = r"""
The rows of $X \in \mathbb{R}^{n \times p}$ are $x_i^\top$, and $I$ is the identity matrix. We have
$\mu_i = \sigma(x_i^\top \beta)$ with $\sigma(t) = \frac{1}{1 + e^{-t}}$ and

$$f(\beta) = -\sum_{i=1}^n [y_i \log \mu_i + (1 - y_i) \log(1 - \mu_i)]
+ \frac{\lambda}{2} \|\beta\|_2^2$$

"""


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (r"\nabla f(\beta) = \sum_{i=1}^n (\mu_i - y_i) x_i + \lambda \beta", ACCEPTED),
        (r"\nabla f(\beta) = \sum_{i=1}^n (y_i - \mu_i) x_i + \lambda \beta", WRONG),
        (r"\nabla f(\beta) = X^\top (\mu - y) + 2 \lambda \beta", WRONG),
        (
            r"\frac{\partial^2 f}{\partial \beta_j \partial \beta_k} "
            r"= \sum_{i=1}^n \mu_i (1 - \mu_i) x_{ij} x_{ik} + \lambda \mathbf{1}\{j = k\}",
            ACCEPTED,
        ),
    ],
)
def test_an_objective_by_the_letter_f(
    claim: str, expected: tuple[str, ...], tmp_path: Path
) -> None:
    text = f"{RIDGE}$$\\nabla f(\\beta) = X^\\top (\\mu - y) + \\lambda \\beta$$\n\n$${claim}$$\n"
    assert verdict(text, tmp_path) in expected


def test_a_newton_step_is_not_judged_as_a_gradient_step(tmp_path: Path) -> None:
    step = r"\beta^{\text{new}} = \beta - (X^\top S X + \lambda I)^{-1} (X^\top (\mu - y) + \lambda \beta)"
    assert verdict(f"{RIDGE}$${step}$$\n", tmp_path) not in WRONG


def test_a_word_given_another_word(tmp_path: Path) -> None:
    text = r"""
$$P(o \mid c) = \frac{\exp(u_o^\top v_c)}{\sum_{w \in V} \exp(u_w^\top v_c)}$$

$$%s$$
"""
    right = r"\log P(o \mid c) = u_o^\top v_c - \log \sum_{w \in V} \exp(u_w^\top v_c)"
    wrong = r"\log P(o \mid c) = u_o^\top v_c + \log \sum_{w \in V} \exp(u_w^\top v_c)"
    assert verdict(text % right, tmp_path) in ACCEPTED
    assert verdict(text % wrong, tmp_path) not in ACCEPTED
