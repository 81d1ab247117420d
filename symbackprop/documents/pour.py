"""Derivation -> blocks: numbers the sections and lets the language's macros speak.

The prose is in templates/LANGUAGE/prose.j2, one macro a topic; a derivation holds none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from symbackprop.derivation.steps import Derivation, Prose, Section, Step, Table
from symbackprop.documents.blocks import Block, Contents, Display, Grid, Heading, Paragraph
from symbackprop.documents.marks import Marks
from symbackprop.documents.templates import language_macros
from symbackprop.formula.tree import Array, Chain, Formula


class Context:
    """`c` in the macros: writes formulas, lists and references in the target format."""

    def __init__(self, marks: Marks, macros: Any, numbers: Mapping[str, str]) -> None:
        self._marks = marks
        self._macros = macros
        self._numbers = numbers

    @property
    def rate(self) -> Formula:
        return self._marks.rate

    def m(self, formula: Formula) -> str:
        return self._marks.inline(formula)

    def raw(self, latex: str) -> str:
        """LaTeX of a template as inline mathematics."""
        return self._marks.raw(latex)

    def em(self, text: str) -> str:
        return self._marks.emphasis(text)

    def strong(self, text: str) -> str:
        return self._marks.strong(text)

    def item(self, number: int) -> str:
        return self._marks.strong(f"{number}.")

    def section(self, topic: str) -> str:
        """The number of the first section of that topic ('?' never: an unknown topic is a bug)."""
        return self._numbers[topic]

    def has(self, topic: str) -> bool:
        return topic in self._numbers

    def all(self, formulas: tuple[Formula, ...]) -> str:
        return self.join([self.m(f) for f in formulas])

    def join(self, items: list[str]) -> str:
        if len(items) == 1:
            return items[0]
        return str(self._macros.join_and({"items": items}, self))

    def listed(self, formulas: tuple[Formula, ...]) -> str:
        """a, b, c without 'and': for a table cell."""
        return str(self._macros.join_comma({}, self)).join(self.m(f) for f in formulas)

    def function(self, name: str) -> str:
        """The name of an activation function as the notation writes it."""
        return self._marks.function(name)

    def ranges(self, ranges: tuple[tuple[Formula, Formula, Formula], ...]) -> str:
        """'l = 1, ..., L' for each letter."""
        return self.join([self._marks.range(*r) for r in ranges])

    def layers(self, span: tuple[Formula, Formula, Formula]) -> str:
        """'l = 2, 3', of a letter and bounds that are written already."""
        return self._marks.span(*span)

    def equalities(self, pairs: tuple[tuple[Formula, Formula], ...]) -> str:
        return self.join([self.m(Chain((a, b), ("=",))) for a, b in pairs])

    def sizes(self, sizes: tuple[tuple[str, object], ...]) -> str:
        """'T = 3 and H = 2'."""
        plain = [(n, v) for n, v in sizes if isinstance(v, int)]
        return self.join([self._marks.size(name, value) for name, value in plain])

    def generic(self, array: Array) -> bool:
        """Whether the array is one of a family over the layers."""
        return bool(array.indices)

    def shapes(self, shapes: tuple[tuple[Formula, tuple[Formula, ...]], ...]) -> str:
        """'x in R^2 and W in R^{3 x 2}'."""
        return self.join([self._marks.shape(array, lengths) for array, lengths in shapes])

    def widths(self, sizes: tuple[tuple[str, object], ...]) -> str:
        """'2, 4 and 3': the widths of the layers, '' where none are given."""
        lists = [v for _, v in sizes if isinstance(v, list | tuple)]
        return self.join([str(n) for n in lists[0]]) if lists else ""

    def layer(self, number: int) -> int:
        """The number that the notation gives to a layer (the inputs are layer 0 for us)."""
        return number + int(self._marks.layer_shift())

    def layer0(self) -> str:
        return self._marks.layer0()

    def functions(self, names: tuple[str, ...]) -> str:
        return self.join([self._marks.raw(FUNCTION_EXAMPLES[n]) for n in names])

    def count(self, number: int) -> str:
        words = str(self._macros.number_words({"n": number}, self)).strip()
        return words or str(number)

    def text(self, value: object) -> str:
        return self._marks.escape(str(value))


FUNCTION_EXAMPLES = {
    "exp": "e^{t}",
    "log": r"\log t",
    "tanh": r"\tanh t",
    "sin": r"\sin t",
    "cos": r"\cos t",
    "abs": r"\lvert t \rvert",
    "max": r"\max(t, 0)",
}


LONG = 8
"""From so many sections on a document begins with its contents."""


def macro_name(prefix: str, topic: str) -> str:
    name = topic.replace(" ", "_").replace("-", "_")
    return f"{prefix}_{name}" if prefix else name


def pour(
    derivation: Derivation, marks: Marks, language: str, counts: Mapping[str, int]
) -> tuple[str, tuple[Block, ...]]:
    """The title, and all blocks of the document in order. `counts`: statements by verdict."""
    macros = language_macros(language)
    numbers: dict[str, str] = {}
    for number, section in _numbered(derivation.sections, ""):
        numbers.setdefault(section.topic, number)
        for item in section.items:
            if isinstance(item, Step) and item.label:
                numbers.setdefault(item.label, number)
    pourer = _Pourer(marks, macros, Context(marks, macros, numbers))
    blocks = tuple(pourer.document(derivation, counts))
    headings = tuple((b.number, b.text) for b in blocks if isinstance(b, Heading))
    if len(headings) >= LONG:
        blocks = (Contents(pourer.say("", "contents", {}), headings), *blocks)
    name = derivation.system.about.title or str(
        derivation.about.get("name", derivation.system.name)
    )
    title = pourer.say("document", "title", {"title": marks.escape(name)})
    return title, blocks


def _numbered(sections: tuple[Section, ...], head: str) -> Iterator[tuple[str, Section]]:
    for i, section in enumerate(sections, start=1):
        number = f"{head}{i}"
        yield number, section
        inner = tuple(item for item in section.items if isinstance(item, Section))
        yield from _numbered(inner, f"{number}.")


class _Pourer:
    def __init__(self, marks: Marks, macros: Any, context: Context) -> None:
        self._marks = marks
        self._macros = macros
        self._context = context
        self.stop = str(macros.full_stop({}, context))

    def say(self, prefix: str, topic: str, about: Mapping[str, Any]) -> str:
        macro = getattr(self._macros, macro_name(prefix, topic), None)
        if macro is None:
            if prefix == "intro":
                return ""
            raise KeyError(f"no macro {macro_name(prefix, topic)}")
        return " ".join(str(macro(about, self._context)).split())

    def document(self, derivation: Derivation, counts: Mapping[str, int]) -> Iterator[Block]:
        for i, section in enumerate(derivation.sections, start=1):
            self._marks.enter(section.system or derivation.system)
            yield Heading(2, str(i), self.say("title", section.topic, section.about))
            introduction = self.say("intro", section.topic, section.about)
            if introduction:
                yield Paragraph(introduction)
            yield from self.items(section, f"{i}.")
        yield Heading(2, str(len(derivation.sections) + 1), self.say("title", "checked", {}))
        about = {
            "statements": sum(counts.values()),
            "proved": counts.get("proved", 0),
            "agrees": counts.get("agrees", 0),
            "definitions": counts.get("definition", 0),
        }
        yield Paragraph(self.say("", "judged", about))

    def items(self, section: Section, head: str) -> Iterator[Block]:
        count = 0
        for item in section.items:
            if isinstance(item, Section):
                count += 1
                lead = f"{head}{count} {self.say('title', item.topic, item.about)}{self.stop}"
                first, *rest = [*self.items(item, f"{head}{count}.")]
                if isinstance(first, Paragraph) and not first.lead:
                    yield Paragraph(first.text, lead)
                    yield from rest
                else:
                    yield Paragraph("", lead)
                    yield first
                    yield from rest
            elif isinstance(item, Step):
                yield from self.step(item)
            elif isinstance(item, Prose):
                yield Paragraph(self.say("say", item.topic, item.about))
            else:
                yield from self.table(item)

    def step(self, step: Step) -> Iterator[Block]:
        before = self.say("say", step.topic or step.rule, step.about)
        if before:
            yield Paragraph(before)
        only_agrees = any(getattr(v, "kind", "") == "agrees" for v in step.verdicts)
        mark = self.say("agrees", "mark", {}) if only_agrees else ""
        yield Display(self._marks.display(step.statements), mark)

    def table(self, table: Table) -> Iterator[Block]:
        before = self.say("say", f"table {table.topic}", table.about)
        if before:
            yield Paragraph(before)
        yield Grid(
            tuple(self.cell(h, "head") for h in table.header),
            tuple(tuple(self.cell(c, "cell") for c in row) for row in table.rows),
        )

    def cell(self, value: Any, kind: str) -> str:
        """A Formula is inline mathematics; a tuple (topic, about) is said by its macro; else text."""
        if isinstance(value, Formula):
            return self._marks.inline(value)
        if isinstance(value, tuple):
            topic, about = value
            plain = topic.split(" ")[0] in ("meaning", "fact")
            return self.say("", topic, about) if plain else self.say(kind, topic, about)
        if kind == "head":
            return self.say("head", value, {})
        return self._marks.escape(str(value))
