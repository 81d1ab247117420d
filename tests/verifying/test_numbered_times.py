r"""Recurrences that are written step by step: `h_2 = \tanh(W x_2 + U h_1 + b)` speaks of vectors."""

from __future__ import annotations

import pytest

from symbackprop.formula.tree import Chain
from symbackprop.verifying.understanding.numbered_times import is_step, numbered_times
from symbackprop.verifying.verify import verify

STEPS = r"""
The state starts from $h_0$, and

$$h_1 = \tanh(W_x x_1 + W_h h_0 + b)$$

$$h_2 = \tanh(W_x x_2 + W_h h_1 + b)$$

"""
PLAIN = STEPS + r"$$E = \frac{1}{2} \|h_1 - y_1\|^2 + \frac{1}{2} \|h_2 - y_2\|^2$$"
WITH_T = (
    STEPS
    + r"""
$$y_t = V h_t + c, \qquad t = 1, 2$$

$$E = \frac{1}{2} \|y_1 - d_1\|^2 + \frac{1}{2} \|y_2 - d_2\|^2$$

With $e_t = y_t - d_t$ and $s_t = W_x x_t + W_h h_{t-1} + b$
"""
)
LAST = r"\frac{\partial E}{\partial h_2} \odot (1 - h_2 \odot h_2)"


@pytest.mark.parametrize(
    ("text", "claim", "verdict"),
    [
        (PLAIN, r"\frac{\partial E}{\partial h_2} = h_2 - y_2", "proved"),
        (PLAIN, rf"\frac{{\partial E}}{{\partial h_1}} = h_1 - y_1 + W_h^\top ({LAST})", "proved"),
        (PLAIN, rf"\frac{{\partial E}}{{\partial h_1}} = h_1 - y_1 + W_h ({LAST})", "refuted"),
        (PLAIN, rf"\frac{{\partial E}}{{\partial h_1}} = W_h^\top ({LAST})", "refuted"),
        (
            PLAIN,
            rf"\frac{{\partial E}}{{\partial W_x}} = ({LAST}) x_2^\top + (\frac{{\partial E}}{{\partial h_1}}"
            r" \odot (1 - h_1 \odot h_1)) x_1^\top",
            "proved",
        ),
        (
            PLAIN,
            rf"\frac{{\partial E}}{{\partial W_x}} = ({LAST}) x_1^\top + (\frac{{\partial E}}{{\partial h_1}}"
            r" \odot (1 - h_1 \odot h_1)) x_2^\top",
            "refuted",
        ),
        (WITH_T, r"\frac{\partial E}{\partial y_t} = e_t", "proved"),
        (WITH_T, r"\frac{\partial E}{\partial y_t} = - e_t", "refuted"),
        (WITH_T, r"\frac{\partial E}{\partial V} = e_1 h_1^\top + e_2 h_2^\top", "proved"),
        (WITH_T, r"\frac{\partial E}{\partial V} = e_1 h_0^\top + e_2 h_1^\top", "refuted"),
        (WITH_T, r"\frac{\partial E}{\partial V} = h_1 e_1^\top + h_2 e_2^\top", "ill_formed"),
        (WITH_T, r"\frac{\partial E}{\partial h_2} = V^\top e_2", "proved"),
        (WITH_T, r"\frac{\partial E}{\partial h_1} = V^\top e_1", "refuted"),
        (
            WITH_T,
            r"\frac{\partial E}{\partial h_1} = V^\top e_1 + W_h^\top \frac{\partial E}{\partial s_2}",
            "proved",
        ),
        (
            WITH_T,
            r"\frac{\partial E}{\partial b} = \frac{\partial E}{\partial s_1} + \frac{\partial E}{\partial s_2}",
            "proved",
        ),
        (WITH_T, r"\frac{\partial E}{\partial b} = \frac{\partial E}{\partial s_2}", "refuted"),
    ],
)
def test_steps(text: str, claim: str, verdict: str) -> None:
    assert verify(f"{text}\n\n$${claim}$$").equations[-1].verdict == verdict


ERRORS = r"""
$$h_1 = \tanh(W x_1 + U h_0 + b)$$

$$h_2 = \tanh(W x_2 + U h_1 + b)$$

$$h_3 = \tanh(W x_3 + U h_2 + b)$$

$$o = V h_3 + c, \qquad L = \frac{1}{2} \|o - y\|^2$$

With $z_t = W x_t + U h_{t-1} + b$ for $t = 1, 2, 3$ and $\delta_t = \frac{\partial L}{\partial z_t}$:
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\delta_3 = V^\top (o - y) \odot (1 - h_3^2)", "proved"),
        (r"\delta_3 = V (o - y) \odot (1 - h_3^2)", "ill_formed"),
        (r"\delta_2 = (U^\top \delta_3) \odot (1 - h_2^2)", "proved"),
        (r"\delta_2 = (U \delta_3) \odot (1 - h_2^2)", "refuted"),
        (r"\delta_2 = (U^\top \delta_3) \odot (1 - h_3^2)", "refuted"),
        (r"\frac{\partial L}{\partial W} = \sum_{t=1}^3 \delta_t x_t^\top", "proved"),
        (r"\frac{\partial L}{\partial b} = \delta_3", "refuted"),
        (r"\frac{\partial L}{\partial h_1} = U \delta_2", "refuted"),
    ],
)
def test_errors_of_steps(claim: str, verdict: str) -> None:
    assert verify(f"{ERRORS}\n\n$${claim}$$").equations[-1].verdict == verdict


@pytest.mark.parametrize(
    ("latex", "letters"),
    [
        ((r"h_2 = \tanh(W x_2 + U h_1 + b)",), {"h", "x"}),
        ((r"h_2 = \tanh(U h_1)", "o_2 = V h_2", r"e_2 = o_2 - d_2"), {"h", "o", "e", "d"}),
        ((r"a_2 = \sigma(W_2 a_1 + b_2)",), set()),
        ((r"z_1 = W_{11} x_1 + W_{12} x_2",), set()),
        ((r"z_2 = w_2 x_2 + b",), set()),
        ((r"h_3 = \tanh(U h_1)",), set()),
    ],
)
def test_letters(latex: tuple[str, ...], letters: set[str]) -> None:
    from symbackprop.formula.latex_reader import read_display

    chains = [p.chain for text in latex for p in read_display(text).statements]
    assert all(isinstance(c, Chain) for c in chains)
    assert numbered_times(chains) == letters
    assert any(map(is_step, chains)) == bool(letters)
