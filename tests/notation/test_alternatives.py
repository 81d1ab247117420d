"""Every other form of every book is proved by the judge; a wrong one is refuted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbackprop.formula.tree import Neg
from symbackprop.judging.judge import Judge
from symbackprop.networks.builtins import find as network
from symbackprop.notation import Alternative, find, names
from symbackprop.notation.alternatives import claim

FORMS = [(name, form) for name in names() for form in find(name).alternatives]


@pytest.mark.parametrize(("name", "form"), FORMS, ids=[f"{n} {f.key}" for n, f in FORMS])
@pytest.mark.parametrize("system", ["2-2-2", "3-4-2"])
def test_proved(name: str, form: Alternative, system: str) -> None:
    net = network(system)
    chain = claim(form, net)
    assert chain is not None
    assert Judge(net).judge(chain).kind == "proved"
    wrong = claim(replace(form, instead=Neg(form.instead)), net)
    assert wrong is not None
    assert Judge(net).judge(wrong).kind == "refuted"
