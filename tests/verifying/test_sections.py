"""Sections that stand by themselves are read once more where the whole text was not understood."""

from __future__ import annotations

from symbackprop.verifying.verify import verify

FIRST = r"""## Logistic regression

$$h_\theta(x) = g(\theta^T x) = \frac{1}{1 + e^{-\theta^T x}}, \quad g(z) = \frac{1}{1 + e^{-z}}$$

with $\theta \in \mathbb{R}^n$ and $x^{(i)} \in \mathbb{R}^n$.

$$\ell(\theta) = \sum_{i=1}^{m} y^{(i)} \log h_\theta(x^{(i)}) + (1 - y^{(i)}) \log (1 - h_\theta(x^{(i)}))$$

$$\frac{\partial \ell(\theta)}{\partial \theta_j} = \sum_{i=1}^{m} ( y^{(i)} - h_\theta(x^{(i)}) ) x_j^{(i)}$$

$$\nabla_\theta \ell(\theta) = \sum_{i=1}^{m} \left( %s \right) x^{(i)}$$
"""
SECOND = r"""
## Softmax regression

Now there is one parameter vector $\theta_k \in \mathbb{R}^n$ for each class, with scores $z_k = \theta_k^T x$.
"""
TANH = r"""## A layer

$$a = \tanh(z), \quad z = w x$$

## Its slope

$$\frac{\partial a}{\partial z} = 1 - a$$
"""


def test_a_letter_of_another_section_does_not_disturb_this_one():
    found = verify(FIRST % r"y^{(i)} - h_\theta(x^{(i)})" + SECOND, budget=20).equations
    claims = [e.verdict for e in found if e.latex.startswith((r"\frac", r"\nabla"))]
    assert claims == ["proved", "proved"]


def test_what_is_wrong_there_is_not_accepted():
    found = verify(FIRST % r"h_\theta(x^{(i)}) - y^{(i)}" + SECOND, budget=20).equations
    wrong = next(e for e in found if e.latex.startswith(r"\nabla"))
    assert wrong.verdict in ("refuted", "not_understood")
    right = next(e for e in found if e.latex.startswith(r"\frac{\partial \ell"))
    assert right.verdict == "proved"


def test_a_section_that_reads_definitions_of_another_is_judged_by_them():
    assert verify(TANH).equations[-1].verdict == "refuted"


def test_nothing_is_accepted_because_its_definitions_stand_elsewhere():
    text = r"""## First

$$\sigma(z) = \tanh(z), \quad a = \sigma(z)$$

## Second

$$b = \sigma(v), \quad \frac{\partial b}{\partial v} = b (1 - b)$$
"""
    assert verify(text).equations[-1].verdict not in ("proved", "agrees")
