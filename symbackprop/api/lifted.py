"""The matrix view of a system of which only a part can be written with matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbackprop.derivation.steps import Prose, Section, Step, Table
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Div,
    Formula,
    MatMul,
    Mul,
    Neg,
    Norm,
    Ones,
    Pow,
    Transpose,
)
from symbackprop.judging.verdict import Verdict

LIFTED = ("matrix equations", "matrix adjoints")


def writable(part: Section, judge: Callable[[Chain, Step], Verdict]) -> Section:
    """The matrix view without equations whose arrays do not fit: they have no such form.

    An equation whose sizes fit and that is false stays, and ends the derivation. Raises
    UnsupportedForm if no derivative is left.
    """
    items: list[Step | Prose | Table | Section] = []
    left_out: list[Formula] = []
    first: dict[str, bool] = {}
    for item in part.items:
        if isinstance(item, Step) and item.topic in LIFTED:
            fits = tuple(
                c for c in item.statements
                if not _divides_by_array(c) and judge(c, item).kind != "ill_formed"
            )  # fmt: skip
            left_out += [c.members[0] for c in item.statements if c not in fits]
            begins = first.get(item.topic, False) or bool(item.about.get("first"))
            first[item.topic] = begins and not fits
            if fits:
                about = {**item.about, "first": begins}
                items.append(replace(item, statements=fits, about=about))
        elif isinstance(item, Prose) and item.topic == "matrix refused":
            left_out = [*item.about["refused"], *left_out]
        else:
            items.append(item)
    topics = {i.topic for i in items if isinstance(i, Step)}
    lifted = {i.topic for i in part.items if isinstance(i, Step)}
    if "matrix adjoints" in lifted - topics:
        raise UnsupportedForm(
            "no derivative of this network has a matrix form", hint="ask for --view index"
        )
    if left_out:
        items.append(Prose("matrix refused", {"refused": tuple(dict.fromkeys(left_out))}))
    return replace(part, items=tuple(items))


def _divides_by_array(c: Chain) -> bool:
    """Whether a quotient has an array below: we print none, a reader could take it for an inverse."""
    return any(isinstance(n, Div) and not _is_number(n.den) for n in c.walk())


def _is_number(f: Formula) -> bool:
    """Whether a formula is one number by its form: without arrays, a norm, a row times a column."""
    if isinstance(f, Norm) or not any(isinstance(n, Array | Ones) for n in f.walk()):
        return True
    if isinstance(f, MatMul | Mul):
        row = isinstance(f.factors[0], Transpose) and not isinstance(f.factors[-1], Transpose)
        return (len(f.factors) > 1 and row) or all(map(_is_number, f.factors))
    if isinstance(f, Pow):
        return _is_number(f.base)
    if isinstance(f, Neg):
        return _is_number(f.body)
    parts = f.terms if isinstance(f, Add) else f.args if isinstance(f, Call) else ()
    return bool(parts) and all(map(_is_number, parts))
