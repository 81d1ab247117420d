"""Every stable form is a claim, and the judge proves it: nothing of the engine takes part."""

from __future__ import annotations

import pytest
import sympy as sp

from symbackprop.export.stable import stable_claims
from symbackprop.formula.tree import Ref, equal
from symbackprop.judging.judge import Judge
from symbackprop.system.model import Equation, Quantity, System

CLAIMS = stable_claims()


def judged(plain: sp.Expr, stable: sp.Expr) -> str:
    """The verdict on plain = stable, both as quantities of a system over z, w and M."""
    symbols = sorted(plain.free_symbols | stable.free_symbols, key=str)
    system = System(
        "claim",
        (
            *(Quantity(s.name, "parameter") for s in symbols),
            Quantity("plain", "intermediate"),
            Quantity("stable", "intermediate"),
            Quantity("J", "cost"),
        ),
        (
            Equation("plain", (), plain),
            Equation("stable", (), stable),
            Equation("J", (), sp.Symbol("plain", real=True) + sp.Symbol("stable", real=True)),
        ),
        "J",
    )
    return Judge(system).judge(equal(Ref("plain"), Ref("stable"))).kind


@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_every_stable_form_is_proved(number: int) -> None:
    assert judged(*CLAIMS[number]) == "proved"


@pytest.mark.parametrize("number", range(len(CLAIMS)))
def test_a_false_form_is_not(number: int) -> None:
    plain, stable = CLAIMS[number]
    assert judged(plain, stable + sp.Rational(1, 1000)) == "refuted"
