r"""Accents and Greek letters in names: `d\hat x_i`, `dγ`, and \tilde y beside y."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

NORM = r"""$$\mu = \frac{1}{N} \sum_{i=1}^N x_i, \quad v = \frac{1}{N} \sum_{i=1}^N (x_i - \mu)^2$$

$$\hat{x}_i = \frac{x_i - \mu}{\sqrt{v + \epsilon}}, \quad y_i = \gamma \hat{x}_i + \beta$$

$$L = \frac{1}{2} \sum_{i=1}^N (y_i - t_i)^2$$

Here `dfoo` is $\partial L / \partial foo$, and $s = \sqrt{v + \epsilon}$.

$$dy_i = y_i - t_i, \quad d\beta = \sum_{i=1}^N dy_i$$

$$%s$$
"""


def last(claim: str, text: str = NORM) -> str:
    return verify(text % claim, budget=20).equations[-1].verdict


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"d\hat{x}_i = \gamma \, dy_i", r"d\hat{x}_i = \beta \, dy_i"),
        (r"d\gamma = \sum_{i=1}^N dy_i \hat{x}_i", r"d\gamma = \sum_{i=1}^N dy_i"),
        pytest.param(
            r"d\mu = -\frac{1}{s} \sum_{i=1}^N d\hat{x}_i",
            r"d\mu = \frac{1}{s} \sum_{i=1}^N d\hat x_i",
            marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_a_gradient_is_named_by_a_d_before_any_letter(right, wrong):
    assert last(right) == "proved"
    assert last(wrong) == "refuted"


def test_a_chain_rule_over_several_routes_is_not_called_wrong():
    """v is made of μ: with direct partial derivatives the sum is right, with total ones it is not."""
    routes = r"""dx_i = d\hat{x}_i \frac{\partial \hat{x}_i}{\partial x_i}
        + dv \frac{\partial v}{\partial x_i} + d\mu \frac{\partial \mu}{\partial x_i}"""
    assert last(routes) == "not_understood"
    assert (
        last(routes + r" = \frac{d\hat{x}_i}{s} + dv \frac{2 (x_i - \mu)}{N} + d\mu") == "refuted"
    )


SOFTMAX = r"""One-hot targets, $\sum_i y_i = 1$, and

$$z = Wx + b, \qquad p_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}, \qquad L = -\sum_{i=1}^K y_i \log p_i .$$

$$\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)$$

Since $z_j = \sum_k W_{jk} x_k + b_j$, we have $\nabla_W L = (p - y) x^T$.

With label smoothing, $\tilde y_i = (1-\varepsilon) y_i + \varepsilon/K$,
the loss is $\tilde L = -\sum_i \tilde y_i \log p_i$.

$$%s$$
"""


def test_a_letter_with_an_accent_is_not_made_of_itself():
    report = verify(SOFTMAX % r"\nabla_z \tilde L = p - \tilde y", budget=20)
    assert {e.verdict for e in report.equations} == {"definition", "proved"}
    assert last(r"\nabla_z \tilde L = p - y", SOFTMAX) == "refuted"


def test_what_holds_for_the_right_class_is_not_called_wrong():
    text = (
        SOFTMAX.replace("$$%s$$", "")
        + r"""If $c$ is the index of the right class,

$$\frac{\partial L}{\partial z_c} = p_c - 1, \qquad \frac{\partial L}{\partial z_j} = p_j \quad (j \neq c).$$
"""
    )
    verdicts = [e.verdict for e in verify(text, budget=20).equations]
    assert not {"refuted", "ill_formed"} & set(verdicts)
