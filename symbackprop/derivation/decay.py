"""Weight decay on one sample: what it adds to the cost, to each derivative and to each update.

The errors stay as they are, because no activation depends on the added term.
"""

from __future__ import annotations

from symbackprop.calculus.sweep import sweep
from symbackprop.calculus.written import written
from symbackprop.derivation.descent import descent
from symbackprop.derivation.index import general
from symbackprop.derivation.steps import Section, Step, statement
from symbackprop.formula.tree import Deriv, Ref
from symbackprop.system.model import System


def section(whole: System, errors: tuple[str, ...]) -> Section:
    """`whole`: the system with the decay term; the sections before spoke of the one without."""
    (equation,) = whole.equations_of[whole.cost]
    cost = Ref(whole.cost)
    rows = general.results(sweep(whole), errors)
    updates = []
    for row in rows:
        derivative = row.members[0]
        assert isinstance(derivative, Deriv)
        node, value = derivative.by, row.members[-1]
        assert isinstance(node, Ref)
        updates.append(descent(node, derivative, value))
    about = {"cost": cost, "decay": Ref(whole.about.decay)}
    return Section(
        "decay",
        (
            Step(
                "definition", (statement(cost, written(equation.rhs, whole)),), "decay cost", about
            ),
            Step("result", rows, "decay derivatives", about),
            Step("update", tuple(updates), "decay update", about),
        ),
        about,
        whole,
    )
