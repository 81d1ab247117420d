"""Logistic regression in plain text: derivatives on one line, steps uphill, letters of step sizes."""

from __future__ import annotations

import pytest

from symbackprop.verifying.verify import verify

TEXT = """
n observations (x_i, y_i), x_i a column vector with p entries x_{i1}, …, x_{ip}.

    η_i = α + βᵀ x_i
    π_i = σ(η_i)                with   σ(u) = 1/(1 + exp(−u))

    ℓ = Σ_{i=1}^{n} [ y_i log π_i + (1 − y_i) log(1 − π_i) ]

    ∇_β ℓ = Xᵀ (y − π)

    Q = ℓ − (λ/2) Σ_{j=1}^{p} β_j²

    ∂Q/∂α = Σ_{i=1}^{n} (y_i − π_i)
"""


def last(line: str, prose: str = "So") -> str:
    return verify(f"{TEXT}\n{prose}\n\n    {line}\n").equations[-1].verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("d/du log σ(u) = 1 − σ(u)", "proved"),
        ("d/du log σ(u) = σ(u)", "refuted"),
        ("d²/du² log σ(u) = −σ(u)(1 − σ(u))", "proved"),
        ("d²/du² log σ(u) = σ(u)(1 − σ(u))", "refuted"),
        ("∂²ℓ/∂η_i² = −π_i (1 − π_i)", "proved"),
        ("∂²ℓ/∂η_i² = π_i (1 − π_i)", "refuted"),
        ("∂²ℓ/∂β_j∂β_k = −Σ_{i=1}^{n} π_i (1 − π_i) x_{ij} x_{ik}", "proved"),
        ("∂²ℓ/(∂β_j ∂β_k) = −Σ_{i=1}^{n} π_i (1 − π_i) x_{ij} x_{ik}", "proved"),
        ("∂²ℓ/∂β_j∂β_k = −Σ_{i=1}^{n} π_i (1 − π_i) x_{ik} x_{ik}", "refuted"),
        ("∂²ℓ/∂α² = −Σ_{i=1}^{n} π_i (1 − π_i)", "proved"),
        ("∂²ℓ/∂α² = Σ_{i=1}^{n} π_i (1 − π_i)", "refuted"),
        ("∂Q/∂β_j = Σ_{i=1}^{n} (y_i − π_i) x_{ij} − λ β_j", "proved"),
        ("∂Q/∂β_j = Σ_{i=1}^{n} (y_i − π_i) x_{ij} + λ β_j", "refuted"),
        # β and x_i have p entries each, not one
        ("∂ℓ/∂β_j = Σ_{i=1}^{n} (y_i − π_i) x_{i1}", "refuted"),
    ],
)
def test_derivatives_on_one_line(line: str, verdict: str) -> None:
    assert last(line) == verdict


@pytest.mark.parametrize(
    ("line", "prose", "verdict"),
    [
        ("β ← β + s Xᵀ (y − π)", "With a step size s one step of gradient ascent is", "proved"),
        ("β ← β − s Xᵀ (y − π)", "With a step size s one step uphill is", "not_understood"),
        ("β ← β + r Xᵀ (y − π)", "Gradient ascent with learning rate r is", "proved"),
        ("β ← β + s Xᵀ (π − y)", "With a step size s one step of gradient ascent is", "not_understood"),
        ("β_j ← β_j + s ( Σ_{i=1}^{n} (y_i − π_i) x_{ij} − λ β_j )", "Gradient ascent on Q:", "proved"),
        ("β_j ← β_j + s ( Σ_{i=1}^{n} (y_i − π_i) x_{ij} + λ β_j )", "Gradient ascent on Q:", "refuted"),
        ("β ← β − δ xᵀ", "The step is", "not_understood"),  # nothing says what δ is
    ],
)  # fmt: skip
def test_steps(line: str, prose: str, verdict: str) -> None:
    assert last(line, prose) == verdict


def test_what_is_said_of_one_step_holds_for_the_next() -> None:
    text = f"""{TEXT}
One step of gradient ascent is

    β ← β + s Xᵀ (y − π)

and for the penalised version

"""
    right = "    β_j ← β_j + s ( Σ_{i=1}^{n} (y_i − π_i) x_{ij} − λ β_j )"
    assert verify(text + right).equations[-1].verdict == "proved"
    wrong = "    β_j ← β_j − s ( Σ_{i=1}^{n} (y_i − π_i) x_{ij} − λ β_j )"
    assert verify(text + wrong).equations[-1].verdict in ("refuted", "not_understood")


@pytest.mark.parametrize("product", [r"\beta^T x_i", r"\beta^T x_i + \gamma", r"x_i^T \beta"])
def test_a_row_times_a_column_is_a_sum(product: str) -> None:
    text = rf"""
$$\eta_i = {product}, \qquad C = \frac12 \sum_{{i=1}}^n (\eta_i - y_i)^2$$

$$\frac{{\partial \eta_i}}{{\partial \beta_j}} = x_{{ij}}$$

$$\frac{{\partial C}}{{\partial \beta_j}} = \sum_{{i=1}}^n (\eta_i - y_i) x_{{i%s}}$$
"""
    assert verify(text % "j").equations[-1].verdict == "proved"
    assert verify(text % "1").equations[-1].verdict != "proved"
