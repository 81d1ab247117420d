"""Every link of a derivation, with the rule that it names and what a reader knows at that place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symbackprop.derivation.steps import Derivation, Step
from symbackprop.formula import tree as t
from symbackprop.formula.text_writer import write_text

from .knowledge import Known
from .normal_form import N, normal
from .replaying import lines
from .rules import Rules

UNREPLAYED = ("convention", "decay derivatives")
"""Topics whose lines no rule is looked for: whole batches in four layouts (the lift of each is evaluated in
tests/calculus/test_matrix.py); and what weight decay adds, said at letters where the text before spoke of numbers
(the judge proves it)."""


@dataclass(frozen=True)
class Link:
    step: Step
    chain: t.Chain
    place: int
    rule: str
    before: N
    after: N
    rules: Rules

    def __str__(self) -> str:
        left, right = map(write_text, self.chain.members[self.place : self.place + 2])
        return f"{self.step.topic}: {left} = {right} by {self.rule}"

    @property
    def follows(self) -> bool:
        """Whether the named rule alone leads across."""
        return self.rules.explains(self.rule, self.before, self.after)

    @property
    def said_again(self) -> bool:
        """Whether this equality was printed before."""
        return self.after in self.rules.known.values(self.before)


def links(told: Derivation) -> Iterator[Link]:
    """In reading order; what a document announces at its start comes last, after its derivation."""
    known: dict[int, Known] = {}
    announced: list[Link] = []
    for system, step, chain in lines(told):
        mine = known.get(id(system))
        if mine is None:
            mine = known[id(system)] = Known(system, next(iter(known.values()), None))
        for definition in step.definitions:
            mine.define(definition)
        rules = step.rules_of(chain)
        if step.topic not in UNREPLAYED:
            for place, relation in enumerate(chain.relations):
                if relation != "=":
                    continue
                before, after = (normal(m) for m in chain.members[place : place + 2])
                link = Link(
                    step, chain, place, rules[place], before, after, Rules(mine, step.layout)
                )
                if link.rule == "result":
                    announced.append(link)
                else:
                    yield link
        if "result" not in rules:
            mine.learn(chain)
    yield from announced


def unexplained(told: Derivation) -> list[str]:
    """The links that do not follow by the rule that they name."""
    return [
        str(link)
        for link in links(told)
        if not (link.said_again if link.rule == "result" else link.follows)
    ]
