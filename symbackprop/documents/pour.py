"""Derivation -> blocks: numbers the sections and lets the language's macros speak.

The prose is in templates/LANGUAGE/prose.j2, one macro a topic; a derivation holds none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from symbackprop.derivation.steps import Derivation, Prose, Section, Step, Table
from symbackprop.documents.blocks import Block, Display, Grid, Heading, Paragraph
from symbackprop.documents.marks import Marks
from symbackprop.documents.templates import language_macros
from symbackprop.formula.tree import Formula


class Context:
    """`c` in the macros: writes formulas, lists and references in the target format."""

    def __init__(self, marks: Marks, macros: Any, numbers: Mapping[str, str]) -> None:
        self._marks = marks
        self._macros = macros
        self._numbers = numbers
        self.rate = marks.rate

    def m(self, formula: Formula) -> str:
        return self._marks.inline(formula)

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


def macro_name(prefix: str, topic: str) -> str:
    return f"{prefix}_{topic.replace(' ', '_').replace('-', '_')}"


def pour(derivation: Derivation, marks: Marks, language: str) -> tuple[Block, ...]:
    """All blocks of the document, in order."""
    macros = language_macros(language)
    numbers: dict[str, str] = {}
    for number, section in _numbered(derivation.sections, ""):
        numbers.setdefault(section.topic, number)
        for item in section.items:
            if isinstance(item, Step) and item.label:
                numbers.setdefault(item.label, number)
    pourer = _Pourer(marks, macros, Context(marks, macros, numbers))
    return tuple(pourer.document(derivation))


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

    def say(self, prefix: str, topic: str, about: Mapping[str, Any]) -> str:
        macro = getattr(self._macros, macro_name(prefix, topic), None)
        if macro is None:
            if prefix == "say":
                return ""
            raise KeyError(f"no macro {macro_name(prefix, topic)}")
        return " ".join(str(macro(about, self._context)).split())

    def document(self, derivation: Derivation) -> Iterator[Block]:
        for i, section in enumerate(derivation.sections, start=1):
            yield Heading(2, str(i), self.say("title", section.topic, section.about))
            introduction = self.say("say", section.topic, section.about)
            if introduction and not _opens_with(section):
                yield Paragraph(introduction)
            yield from self.items(section, f"{i}.")

    def items(self, section: Section, head: str) -> Iterator[Block]:
        count = 0
        for item in section.items:
            if isinstance(item, Section):
                count += 1
                lead = f"{head}{count} {self.say('title', item.topic, item.about)}."
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
        yield Display(step.statements, mark)

    def table(self, table: Table) -> Iterator[Block]:
        before = self.say("say", f"table {table.topic}", table.about)
        if before:
            yield Paragraph(before)
        yield Grid(
            tuple(self.cell(h, "head") for h in table.header),
            tuple(tuple(self.cell(c, "cell") for c in row) for row in table.rows),
        )

    def cell(self, value: Any, kind: str) -> Formula | str:
        """A Formula stays; a tuple (topic, about) is said by its macro; a number is text."""
        if isinstance(value, Formula):
            return value
        if isinstance(value, tuple):
            topic, about = value
            return self.say(kind, topic, about)
        if kind == "head":
            return self.say("head", value, {})
        return self._marks.escape(str(value))


def _opens_with(section: Section) -> bool:
    """Whether the section's first item speaks the same topic itself."""
    first = section.items[0] if section.items else None
    return isinstance(first, Step | Prose) and (first.topic or "") == section.topic
