r"""`\bar Z` for `∂L/∂Z`: what an accent is said to mean holds for every quantity."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = r"""
$$Z = X W, \qquad H = \tanh(Z), \qquad Y = H V$$

with matrices $X$, $W$ and $V$, and a loss $L$ of $Y$. We write $\bar{A}$ for $\partial L / \partial A$.

Backwards:

"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\bar{V} = H^T \bar{Y}", "proved"),
        (r"\bar{H} = \bar{Y} V^T", "proved"),
        (r"\bar{W} = X^T \bar{Z}", "proved"),
        (r"\bar{W} = 2 X^T \bar{Z}", "refuted"),
        (r"\bar{Z} = \bar{H} \odot (1 - H \odot H)", "proved"),
        (r"\bar{Z} = \bar{H} \odot (1 + H \odot H)", "refuted"),
        (r"\bar{H} = \bar{Y} V", "ill_formed"),
    ],
)
def test_adjoints(claim: str, verdict: str) -> None:
    assert verify(f"{TEXT}$${claim}$$").equations[-1].verdict == verdict
