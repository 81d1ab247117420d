"""Weight decay on one sample: what it adds to the cost, to each derivative and to each update.

The errors stay as they are, because no activation depends on the added term.
"""

from __future__ import annotations

from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.written import written
from symbackprop.derivation.algebra import tidy
from symbackprop.derivation.descent import descent
from symbackprop.derivation.graph import at
from symbackprop.derivation.index import general
from symbackprop.derivation.steps import Section, Step, statement
from symbackprop.formula.tree import ONE, Chain, Deriv, Formula, Idx, Ref
from symbackprop.system.model import System


def section(whole: System, errors: tuple[str, ...], letters: bool = True) -> Section:
    """`whole`: the system with the decay term; the sections before spoke of the one without.

    letters: the book has letters for neurons; else the first ones stand for all, and sums are
    written out.
    """
    (equation,) = whole.equations_of[whole.cost]
    cost = Ref(whole.cost)
    total = written(equation.rhs, whole)
    rows = general.results(sweep(whole), errors)
    if not letters:
        total = tidy(at(total, {}))
        rows = tuple(_at_first(row) for row in rows)
    updates = []
    for row in rows:
        derivative = row.members[0]
        assert isinstance(derivative, Deriv)
        node, value = derivative.by, row.members[-1]
        assert isinstance(node, Ref)
        updates.append(descent(node, derivative, value))
    about = {
        "cost": cost,
        "decay": Ref(whole.about.decay),
        "first": not letters,
        "bias": whole.about.bias,
        "biases": any(q.role == "bias" for q in whole.parameters),
    }
    return Section(
        "decay",
        (
            Step("definition", (statement(cost, total),), "decay cost", about),
            Step("result", rows, "decay derivatives", about),
            Step("update", tuple(updates), "decay update", about),
        ),
        about,
        whole,
    )


def _at_first(row: Chain) -> Chain:
    """The derivative by the first of the parameters."""
    derivative = row.members[0]
    assert isinstance(derivative, Deriv)
    assert isinstance(derivative.by, Ref)
    free = {i for i in derivative.by.indices if isinstance(i, Idx)}

    def change(node: Formula) -> Formula | None:
        return ONE if node in free else None

    found = at(row.rewrite(change), {})
    assert isinstance(found, Chain)
    return found
