"""Other ways of writing one network, errors that nobody names, small changes, layers as bare numbers."""

from __future__ import annotations

import pytest

from symbackprop.verifying.understanding.numbered_layers import numbered_layers
from symbackprop.verifying.verify import verify

ACCEPTED = ("proved", "agrees", "definition")

COLUMNS = r"""# Batches
With samples as columns:

$$
Z = W A + b \mathbf{1}^T, \quad \nabla_W J = G A^T, \quad \nabla_b J = G \mathbf{1}, \quad \nabla_A J = W^T G
$$
"""
ROWS = r"""
With samples as rows:

$$
Z = A W^T + \mathbf{1} b^T, \quad \nabla_W J = G^T A, \quad \nabla_b J = G^T \mathbf{1}, \quad \nabla_A J = G W
$$
"""

FORWARD = r"""$$z = W a + b$$ $$h = \tanh(z)$$ $$C = \frac{1}{2} \lVert h - y \rVert^2$$
"""


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in verify(text, budget=20).equations]


def test_a_name_is_redefined_where_the_text_says_that_it_is_another_way():
    assert verdicts(COLUMNS + ROWS) == ["proved", "proved"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (r"\nabla_W J = G^T A", r"\nabla_W J = A^T G"),
        (r"\nabla_A J = G W", r"\nabla_A J = G W^T"),
        (r"\nabla_b J = G^T \mathbf{1}", r"\nabla_b J = G \mathbf{1}"),
    ],
)
def test_a_wrong_line_there_is_never_accepted(right, wrong):
    assert right in ROWS
    assert verdicts(COLUMNS + ROWS.replace(right, wrong))[1] not in ACCEPTED


def test_without_such_words_a_second_definition_is_a_claim():
    text = "$$z = W x + b$$ $$h = W^T x + b$$ $$L = \\frac{1}{2} \\lVert z \\rVert^2$$ $$z = W^T x + b$$"
    assert verdicts(text)[-1] not in ACCEPTED


@pytest.mark.parametrize(
    "claim",
    [
        r"\mathrm{d}z = W \mathrm{d}a",
        r"\mathrm{d}C = (h - y)^T \mathrm{d}h",
        r"\mathrm{d}C = (\nabla_z C)^T \mathrm{d}z = (W^T \nabla_z C)^T \mathrm{d}a",
        r"\mathrm{d}C = (\nabla_z C)^T \mathrm{d}z = (\nabla_z C)^T (\mathrm{d}W a)",
    ],
)
def test_small_changes(claim):
    assert verdicts(FORWARD + f"$${claim}$$")[-1] == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\mathrm{d}z = W^T \mathrm{d}a",
        r"\mathrm{d}C = (y - h)^T \mathrm{d}h",
        r"\mathrm{d}C = (\nabla_z C)^T \mathrm{d}z = (W \nabla_z C)^T \mathrm{d}a",
        r"\mathrm{d}z = W \mathrm{d}a + \mathrm{d}W a + \mathrm{d}a",
    ],
)
def test_wrong_changes(claim):
    assert verdicts(FORWARD + f"$${claim}$$")[-1] not in ACCEPTED


def test_numbers_that_are_layers():
    text = r"\frac{\partial C}{\partial z_j^2} \frac{\partial C}{\partial w_{jk}^3} z_j^2 &= w_{jk}^2 x_k"
    assert {"z", "w"} <= numbered_layers(text)
    assert not numbered_layers(r"r^2 &= x^2 + y^2 \\ E = \frac{1}{2} (y - a)^2")
    assert not numbered_layers(
        r"\frac{\partial L}{\partial \sigma^2} = \frac{1}{m} \sum_i (x_i - \mu)^2"
    )


def test_shares_that_are_said_to_sum_to_1():
    text = r"""
$$p_1 = \frac{e^{q_1}}{e^{q_1} + e^{q_2}}, \quad p_2 = \frac{e^{q_2}}{e^{q_1} + e^{q_2}}$$
$$L = -t_1 \log p_1 - t_2 \log p_2$$
$$t_1 + t_2 = 1$$
$$\frac{\partial L}{\partial q_1} = p_1 - t_1$$
"""
    assert verdicts(text)[-1] == "proved"
    assert verdicts(text.replace("$$t_1 + t_2 = 1$$\n", ""))[-1] == "refuted"
