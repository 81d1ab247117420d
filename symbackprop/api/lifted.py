"""The matrix view of a system of which only a part can be written with matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symbackprop.derivation.steps import Prose, Section, Step, Table
from symbackprop.errors import UnsupportedForm
from symbackprop.formula.tree import Chain, Formula
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
            fits = tuple(c for c in item.statements if judge(c, item).kind != "ill_formed")
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
