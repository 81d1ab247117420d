r"""Steps of momentum and Adam beside `J(w)`: their w_k is no entry of w, and spoils neither cost nor gradient."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = r"""`w` is a column vector, the data matrix `X` has one example per row (`n` rows).

$$J(w) = \frac{1}{2n} \|Xw - y\|^2 + \frac{\lambda}{2} \|w\|^2$$

%s

$$%s$$
"""
RIGHT = r"\nabla J(w) = \frac1n X^T (X w - y) + \lambda w"
WRONG = r"\nabla J(w) = \frac1n X^T (X w - y) + 2 \lambda w"
STEPS = [
    r"""$$g_k = \nabla J(w_{k-1})$$

$$v_k = \beta v_{k-1} + g_k, \qquad w_k = w_{k-1} - \eta v_k$$""",
    r"$$v_{t+1} = \beta v_t - \eta \nabla J(w_t), \qquad w_{t+1} = w_t + v_{t+1}$$",
    r"$$v_t = \gamma v_{t-1} + \eta \nabla_w J(w_{t-1}), \qquad w_t = w_{t-1} - v_t$$",
    r"""$$m_k = \beta_1 m_{k-1} + (1 - \beta_1) g_k, \qquad u_k = \beta_2 u_{k-1} + (1 - \beta_2) g_k^2$$

$$\hat m_k = \frac{m_k}{1 - \beta_1^k}, \qquad w_k = w_{k-1} - \eta \frac{\hat m_k}{\sqrt{u_k} + \epsilon}$$""",
]


@pytest.mark.parametrize("steps", STEPS)
def test_the_gradient_is_judged_beside_the_steps(steps: str) -> None:
    assert verify(TEXT % (steps, RIGHT), budget=20).equations[-1].verdict == "proved"
    assert verify(TEXT % (steps, WRONG), budget=20).equations[-1].verdict == "refuted"


@pytest.mark.parametrize(
    "claim",
    [
        r"w_k = w_{k-1} - \eta g_k + \beta (w_{k-1} - w_{k-2})",
        r"w_k = w_{k-1} - \eta g_k - \beta (w_{k-1} - w_{k-2})",
        r"w_{k+1} - w_k = \eta v_{k+1}",
        r"w_k = w_{k-1} + \eta v_k",
    ],
)
def test_what_is_said_of_the_steps_later_is_not_judged(claim: str) -> None:
    assert verify(TEXT % (STEPS[0], claim), budget=20).equations[-1].verdict == "not_understood"


def test_gradients_of_two_steps_are_not_the_same() -> None:
    found = verify(TEXT % (STEPS[0], r"g_2 = g_1"), budget=20).equations[-1]
    assert found.verdict in ("refuted", "not_understood")


@pytest.mark.parametrize("step", ["k", "t"])
def test_a_plain_step_by_a_gradient_with_its_place_is_an_update(step: str) -> None:
    claim = rf"w_{{{step}+1}} = w_{step} - \eta \nabla J(w_{step})"
    assert verify(TEXT % ("", claim), budget=20).equations[-1].verdict == "proved"
    up = claim.replace(" - ", " + ")
    assert verify(TEXT % ("", up), budget=20).equations[-1].verdict == "refuted"


VECTORS = r"""The matrix $X$ has the rows of numbers $x_{ij}$, and $J(w) = \frac12 \|X w - y\|^2$, $r = X w - y$.

$$\frac{\partial J}{\partial w_j} = \sum_i r_i x_{%s}$$

Another text has a vector $x$ and $E = \frac12 \|x\|^2$ with $\nabla_x E = x$; here $M^T$ is a transpose.
"""


def test_small_letters_with_two_indices_are_entries_of_the_matrix() -> None:
    assert verify(VECTORS % "ij", budget=20).equations[2].verdict in ("proved", "agrees")
    assert verify(VECTORS % "ji", budget=20).equations[2].verdict in ("refuted", "ill_formed")


def test_the_rate_of_the_velocity_is_a_learning_rate() -> None:
    velocity = r"$$v_{t+1} = \beta v_t - \eta g_t, \qquad w_{t+1} = w_t + v_{t+1}$$"
    step = r"w \leftarrow (1 - \eta \lambda) w - \frac{\eta}{n} X^T (X w - y)"
    assert verify(TEXT % (velocity, step), budget=20).equations[-1].verdict == "proved"
    wrong = step.replace(r"\eta \lambda", r"2 \eta \lambda")
    assert verify(TEXT % (velocity, wrong), budget=20).equations[-1].verdict == "refuted"
