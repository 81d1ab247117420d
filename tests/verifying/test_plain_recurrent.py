"""Recurrent networks in plain text: `t = 1..T and h_0 = 0`, and a matrix V beside a vector `v_t`."""

from __future__ import annotations

import pytest

from symbackprop.documents.scan import scan_text
from symbackprop.verifying.verify import verify

GATES = """All vectors are columns. ⊙ is elementwise. σ is the logistic sigmoid. The loss of
the whole sequence is L. Time runs over t = 1..T and h_0 = 0 is never updated.

  v_t = W x_t + U h_{t-1} + b
  h_t = σ(v_t)
  y_t = V h_t

  ∂L/∂U = Σ_{t=1}^{T} ∂L/∂v_t h_{t-1}ᵀ

then for t = 1..T-1

  %s
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        ("∂L/∂h_T = Vᵀ ∂L/∂y_T", True),
        ("∂L/∂h_T = V ∂L/∂y_T", False),
        ("∂L/∂h_t = Vᵀ ∂L/∂y_t + Uᵀ ∂L/∂v_{t+1}", True),
        ("∂L/∂h_t = Vᵀ ∂L/∂y_t + U ∂L/∂v_{t+1}", False),
        ("∂L/∂h_t = Vᵀ ∂L/∂y_t", False),
        ("∂L/∂V = Σ_{t=1}^{T} (∂L/∂y_t) h_tᵀ", True),
        ("∂L/∂V = Σ_{t=1}^{T} h_t (∂L/∂y_t)ᵀ", False),
        ("∂L/∂v_t = ∂L/∂h_t ⊙ h_t ⊙ (1 - h_t)", True),
        ("∂L/∂v_t = ∂L/∂h_t ⊙ v_t ⊙ (1 - v_t)", False),
    ],
)
def test_a_matrix_beside_a_vector_of_its_small_letter(claim: str, right: bool) -> None:
    equation = verify(GATES % claim).equations[-1]
    wanted = ("proved", "agrees") if right else ("refuted", "ill_formed", "not_understood")
    assert equation.verdict in wanted, equation.reason


def test_a_range_and_a_start() -> None:
    found = [p.latex for p in scan_text(GATES % "", suffix=".txt").pieces]
    assert found[:2] == ["t = 1, …, T", "h_0 = 0"]
