"""Slips of the pen, in order: each mends the statement that the ones before it left."""

from __future__ import annotations

from symbackprop.formula.tree import Sym
from symbackprop.verifying.charity.reading import Reading
from symbackprop.verifying.charity.wrong_names import (
    bare_application,
    case_slip,
    function_as_name,
    missing_partial,
)
from symbackprop.verifying.charity.wrong_scripts import (
    arrow,
    loop_arguments,
    missing_index,
    no_left_side,
    other_width,
    shorthand,
    undeclared_end,
)
from symbackprop.verifying.understanding.statement import Statement, Understanding


def slips(s: Statement, u: Understanding, known: frozenset[Sym]) -> list[Reading]:
    """Wrong writing that is mended before judging; each Reading mends all slips up to it."""
    found: list[Reading] = []
    chain = s.chain
    for step in (
        function_as_name, case_slip, missing_partial, bare_application, missing_index,
        shorthand, other_width, undeclared_end, loop_arguments, arrow, no_left_side,
    ):  # fmt: skip
        mended = step(chain, s, u, known)
        if mended is not None:
            found.append(mended)
            chain = mended.chain
    return found
