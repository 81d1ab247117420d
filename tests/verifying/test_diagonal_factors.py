"""A product that begins with a diagonal matrix: `diag(1 - h^2) W^T v` tells no row vectors."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TANH = r"""$$h = \tanh(W_1 x + b_1)$$ $$u = W_2 h + b_2$$ $$\ell = \frac12 \|u - y\|_2^2$$

$$\frac{\partial \ell}{\partial b_1} = %s$$"""


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (r"\mathrm{diag}(1 - h^2) W_2^\top (u - y)", "proved"),
        (r"\operatorname{diag}(\mathbf{1} - h \odot h) W_2^\top (u - y)", "proved"),
        (r"\mathrm{diag}(1 - h^2) \cdot W_2^T \cdot (u - y)", "proved"),
        (r"\mathrm{diag}(1 - h) W_2^\top (u - y)", "refuted"),
        (r"\mathrm{diag}(1 - h^2) W_2^\top (y - u)", "refuted"),
    ],
)
def test_the_one_has_the_size_of_the_vector(value, verdict):
    assert verify(TANH % value).equations[-1].verdict == verdict
