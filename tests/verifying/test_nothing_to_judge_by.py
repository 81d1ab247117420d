r"""Texts that leave open what a claim rests upon: it is said what is missing, and nothing is called wrong."""

import symbackprop as sb

OTHER = r"""
Take $u = w q$ and $E = (u - t)^2$:

$$\frac{\partial E}{\partial w} = 2 (u - t) q$$
$$\frac{\partial E}{\partial u} = 2 (u - t)$$
$$\frac{\partial E}{\partial t} = 2 (u - t)$$
"""

TWO_VIEWS = r"""
Scale and shift: $y_{ij} = \gamma_j \hat{x}_{ij} + \beta_j$, or $y_{j} = \gamma \hat{x}_j + \beta$.

$$\frac{\partial L}{\partial \gamma}
= \sum_{i=1}^m \frac{\partial L}{\partial y_i}\frac{\partial y_i}{\partial \gamma}$$
"""


def test_one_quantity_written_with_one_index_and_with_two():
    rows = sb.verify(TWO_VIEWS + OTHER).equations
    claim = next(e for e in rows if r"\partial \gamma" in e.latex)
    assert claim.verdict in ("proved", "not_understood")  # true, if y_i is the sample's y
    assert [e.verdict for e in rows[-3:]] == ["proved", "proved", "refuted"]


LAST_ONLY = r"""
For the last layer $z^L = W^L a^{L-1} + b^L$.

$$\frac{\partial \mathcal{L}}{\partial a^L} \cdot \frac{\partial a^L}{\partial z^L} = \hat{y} - y$$
$$\frac{\partial a^{L-1}}{\partial z^{L-1}} = g'(z^{L-1})$$
$$\frac{\partial z^L}{\partial b^L} = W^L$$
"""


def test_activations_that_are_never_defined():
    first, second, third = sb.verify(LAST_ONLY).equations[-3:]
    assert first.reason.startswith("a^")
    assert "is never defined" in first.reason
    assert second.reason.startswith("a^")
    assert "is never defined" in second.reason
    assert "defined for this one layer only" in third.reason


STEP = r"""
$$H(y, \hat{y}) = -\sum_{i=0}^n y_i \log\hat{y}_i$$
$$J(\theta) = \sum_{i=0}^n H(y, \hat{y})$$
$$\theta_j := \theta_j - \alpha(h_\theta(x^{(i)})-y^{(i)})x_j^{(i)}$$
"""


def test_a_step_whose_cost_does_not_read_its_names():
    step = sb.verify(STEP).equations[-1]
    assert step.verdict not in ("refuted", "ill_formed", "proved", "agrees", "definition")
    assert not step.repair
