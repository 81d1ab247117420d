"""Jacobians that act entry by entry, written as vectors; and what is carried along one path in time."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.verifying.verify import verify

LAYER = r"""$z = W x + b$, $a = \sigma(z)$ with the sigmoid $\sigma$, $h = a \odot u$, $p = \operatorname{softmax}(V h)$
and $L = \frac12 \|h - y\|^2$ with vectors $x, z, a, u, h$.

$$%s$$
"""
LSTM = r"""$$f_t = \sigma(W_f x_t + U_f h_{t-1}), \quad i_t = \sigma(W_i x_t + U_i h_{t-1})$$
$$g_t = \tanh(W_g x_t + U_g h_{t-1})$$
$$c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad h_t = i_t \odot \tanh(c_t)$$
with the sigmoid $\sigma$.

$$%s$$
"""
RIGHT = ("proved", "agrees")
WRONG = ("refuted", "ill_formed")


@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        (r"\frac{\partial a}{\partial z} = a \odot (1 - a)", RIGHT),
        (r"\frac{\partial a}{\partial z} = a (1 - a)", RIGHT),
        (r"\frac{\partial a}{\partial z} = \operatorname{diag}(a \odot (1 - a))", RIGHT),
        (r"\frac{\partial a}{\partial z} = a \odot (1 + a)", WRONG),
        (r"\frac{\partial a}{\partial z} = z \odot (1 - z)", WRONG),
        (r"\frac{\partial h}{\partial a} = u", RIGHT),
        (r"\frac{\partial h}{\partial u} = a", RIGHT),
        (r"\frac{\partial h}{\partial u} = h", WRONG),
        (r"\frac{\partial h}{\partial z} = u \odot a \odot (1 - a)", RIGHT),
        (r"\frac{\partial h}{\partial z} = a \odot (1 - a)", WRONG),
        (r"\frac{\partial z}{\partial b} = 1", RIGHT),
        (r"\frac{\partial z}{\partial b} = 2", WRONG),
        (r"\frac{\partial h}{\partial b} = u \odot a \odot (1 - a)", RIGHT),
        (r"\frac{\partial h}{\partial x} = u \odot a \odot (1 - a)", WRONG),
        (r"\frac{\partial p}{\partial h} = p \odot (1 - p)", WRONG),
        (
            r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial h} \odot \frac{\partial h}{\partial a}"
            r" \odot \frac{\partial a}{\partial z} = (h - y) \odot u \odot a \odot (1 - a)",
            RIGHT,
        ),
        (
            r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial h} \odot \frac{\partial a}{\partial z}",
            WRONG,
        ),
        (
            r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial z} \odot \frac{\partial z}{\partial x}",
            (*WRONG, "not_understood"),
        ),
    ],
)
def test_entry_by_entry(claim: str, verdicts: tuple[str, ...]) -> None:
    assert verify(LAYER % claim).equations[-1].verdict in verdicts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        (r"\frac{\partial c_t}{\partial c_{t-1}} = f_t", RIGHT),
        (r"\frac{\partial c_t}{\partial c_{t-1}} = \operatorname{diag}(f_t)", RIGHT),
        (r"\frac{\partial c_t}{\partial c_{t-1}} = i_t", WRONG),
        (r"\frac{\partial c_t}{\partial c_{t-1}} = 2 f_t", WRONG),
        (r"\frac{\partial c_t}{\partial i_t} = g_t", RIGHT),
        (r"\frac{\partial c_t}{\partial i_t} = f_t", WRONG),
        (r"\frac{\partial h_t}{\partial c_t} = i_t \odot (1 - \tanh^2(c_t))", RIGHT),
        (r"\frac{\partial h_t}{\partial c_t} = i_t \odot \tanh^2(c_t)", WRONG),
    ],
)
def test_along_one_path(claim: str, verdicts: tuple[str, ...]) -> None:
    assert verify(LSTM % claim).equations[-1].verdict in verdicts


def test_the_other_path_of_an_lstm_is_there() -> None:
    """Why there are two readings: in numbers, c_t depends on c_{t-1} through h_{t-1} too."""
    random = np.random.default_rng(0)
    u = random.normal(size=(3, 2, 2))
    before, gate = random.normal(size=2), random.uniform(size=2)

    def step(c: np.ndarray, through_h: bool) -> np.ndarray:
        h = gate * np.tanh(c if through_h else before)
        f, i = 1 / (1 + np.exp(-u[0] @ h)), 1 / (1 + np.exp(-u[1] @ h))
        return f * c + i * np.tanh(u[2] @ h)

    def jacobian(through_h: bool) -> np.ndarray:
        steps = 1e-6 * np.eye(2)
        rows = [step(before + s, through_h) - step(before - s, through_h) for s in steps]
        return np.array(rows).T / 2e-6

    h = gate * np.tanh(before)
    forget = 1 / (1 + np.exp(-u[0] @ h))
    assert np.allclose(jacobian(False), np.diag(forget), atol=1e-8)
    assert not np.allclose(jacobian(True), np.diag(forget), atol=1e-3)
