"""Planted errors of ten kinds: none is accepted."""

from __future__ import annotations

import pytest
from mutator import NETS, OPERATORS, differences_agree, document, mutants

from symbackprop.verifying.verify import verify

ACCEPTED = ("proved", "agrees", "definition")


@pytest.mark.parametrize("net", NETS, ids=lambda n: n.name)
def test_the_right_equations_are_right_and_accepted(net):
    assert differences_agree(net)
    report = verify(document(net, list(net.claims)))
    assert {e.verdict for e in report.equations} <= set(ACCEPTED)


@pytest.mark.parametrize("operator", OPERATORS)
def test_no_mutant_is_accepted(operator):
    tried = 0
    for net in NETS:
        wrong = mutants(net, operator, 6)
        if not wrong:
            continue
        report = verify(document(net, wrong))
        judged = report.equations[len(net.definitions) :]
        assert len(judged) == len(wrong)
        for e in judged:
            assert e.verdict not in ACCEPTED, e.latex
        tried += len(wrong)
    assert tried >= 2
