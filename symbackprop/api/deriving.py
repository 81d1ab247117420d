"""derive: narrate, judge every statement, write documents. A false statement is never printed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from symbackprop.api.exporting import needs_parameters
from symbackprop.api.lifted import writable
from symbackprop.api.wide import Widened
from symbackprop.derivation.narrate import narrate
from symbackprop.derivation.steps import Derivation as Told
from symbackprop.derivation.steps import Prose, Section, Step, Table
from symbackprop.documents.blocks import Block
from symbackprop.documents.mathematics import Mathematics
from symbackprop.errors import (
    FalseStatement,
    SpecError,
    TooLarge,
    UnknownName,
    printable,
)
from symbackprop.formula.tree import Chain
from symbackprop.judging.judge import Judge
from symbackprop.judging.meaning import Layout
from symbackprop.judging.verdict import Verdict
from symbackprop.networks import find
from symbackprop.networks.builtins import BUILTINS, names_file
from symbackprop.networks.published import PUBLISHED
from symbackprop.notation import find as find_notation
from symbackprop.notation.base import Notation
from symbackprop.notation.slots import rate_name
from symbackprop.system.model import System
from symbackprop.system.values import RATE

FORMATS = ("md", "tex", "json")
PROFILES = ("portable", "github")
NUMBERS: Mapping[str, Any] = {"rate": 0.5, "digits": 6}


def derive(
    network: System | str,
    notation: Notation | str | None = None,
    views: Sequence[str] | None = None,
    *,
    numbers: bool = True,
) -> Derivation:
    """The derivation of a network's gradient, every statement judged.

    network: a System, or what `symbackprop.find` takes. notation: default the built-in's own, else
    'default'. views: of 'neuron', 'index', 'matrix'; default what suits the network.
    Raises FalseStatement if the judge refuses a statement of ours; UnknownName, NotationError,
    UnsupportedForm, TooLarge for what cannot be written.
    """
    system = find(network) if isinstance(network, str) else network
    book = find_notation(notation if notation is not None else system.about.notation or "default")
    _not_too_deep(system, views)
    needs_parameters(system)
    given = numbers_of(network, system) if numbers else None
    told = narrate(system, book, tuple(views) if views else None, given)
    return Derivation(judged(told, book), book)


DEEP = {"neuron": 40, "index": 40, "matrix": 300}
"""So many layers at most are told one after the other, in seconds."""


def _not_too_deep(system: System, views: Sequence[str] | None) -> None:
    depth = system.about.depth
    if depth is None or not depth.is_Integer:
        return
    for view in views or ("index",):
        if depth > DEEP.get(view, depth):
            raise TooLarge(
                f"the {view} view tells each of {int(depth):,} layers; at most {DEEP[view]} are possible",
                hint='ask for --view matrix (up to 300), or describe any depth at once: depth = "L"',
            )


def numbers_of(network: System | str, system: System) -> dict[str, Any]:
    """What the section of numbers shows: more digits where there are published figures to compare with."""
    known = PUBLISHED.get(network) if isinstance(network, str) else None
    if known is None:
        return {**NUMBERS, "rate": system.values.get(RATE, NUMBERS["rate"])}
    more = {"digits": known.digits, "frozen": known.frozen, "published": known.figures}
    return {**NUMBERS, **more}


def judged(told: Told, notation: Notation) -> Told:
    """The derivation with a verdict on each statement. Raises FalseStatement."""
    judges: dict[tuple[int, Layout | None], tuple[Judge, Widened]] = {}
    by_entry = "neuron" in told.views
    kinds = ("sample",) if by_entry else ("unit", "sample")

    def judge_of(system: System, layout: Layout | None) -> tuple[Judge, Widened]:
        key = (id(system), layout)
        if key not in judges:
            widened = Widened(system, kinds)
            judges[key] = (Judge(widened.system, budget=20.0, layout=layout), widened)
        return judges[key]

    def section(part: Section, system: System) -> Section:
        system = part.system or system
        if part.topic == "matrix" and part.items:
            part = writable(part, lambda chain, step: found(chain, step, system))
        return replace(part, items=tuple(item(i, system) for i in part.items))

    def item(
        part: Step | Prose | Table | Section, system: System
    ) -> Step | Prose | Table | Section:
        if isinstance(part, Section):
            return section(part, system)
        if isinstance(part, Step) and part.judged:
            return replace(part, verdicts=tuple(verdict(c, part, system) for c in part.statements))
        return part

    def found(chain: Chain, step: Step, system: System) -> Verdict:
        judge, wide = judge_of(system, Layout(*step.layout) if step.layout else None)
        return judge.judge(
            wide.statement(chain),
            tuple(wide.statement(c) for c in step.definitions),
            ranges=wide.ranges(step.ranges) or None,
            constants=(rate_name(system),),
        )

    def verdict(chain: Chain, step: Step, system: System) -> Verdict:
        reached = found(chain, step, system)
        if not reached.accepted:
            raise FalseStatement(_refusal(chain, reached, Mathematics(notation, system)))
        return reached

    return replace(told, sections=tuple(section(s, told.system) for s in told.sections))


def _refusal(chain: Chain, verdict: Verdict, mathematics: Mathematics) -> str:
    lines = [
        "a statement of the derivation was not accepted by the judge, so nothing is written:",
        f"  {mathematics.latex(chain)}",
        f"  verdict: {verdict.kind} {verdict.reason}".rstrip(),
    ]
    shown = verdict.counterexample or next(
        (m.counterexample for m in verdict.members if m.counterexample), None
    )
    if shown is not None:
        lines.append(f"  left {shown.left}, right {shown.right}")
    return "\n".join(lines)


@dataclass(frozen=True)
class Derivation:
    """A judged derivation. Shows itself in Jupyter; `save` writes documents."""

    told: Told
    notation: Notation

    @property
    def system(self) -> System:
        return self.told.system

    @property
    def name(self) -> str:
        """The file name of its documents: letters, digits, dash and underscore only."""
        return (
            re.sub(r"[^\w-]+", "-", str(self.told.about["name"]), flags=re.ASCII).strip("-")
            or "network"
        )

    @cached_property
    def counts(self) -> Counter[str]:
        """How many statements got which verdict."""
        return Counter(v.kind for s in self.told.steps() for v in s.verdicts)

    def summary(self) -> str:
        return ", ".join(f"{n} {kind}" for kind, n in sorted(self.counts.items()))

    @cached_property
    def mathematics(self) -> Mathematics:
        """Writes formulas of this derivation."""
        return Mathematics(self.notation, self.system)

    # --- documents -----------------------------------------------------------------------------

    def text(self, format: str = "md", *, language: str = "en", profile: str = "portable") -> str:
        """One document. Raises UnknownName for a format, language or profile that there is not."""
        mathematics = self.mathematics
        if format == "json":
            from symbackprop.documents import json_tree

            return json_tree.render(self.told, mathematics)
        if format == "tex":
            from symbackprop.documents import latex
            from symbackprop.documents.marks import LatexMarks

            marks: Any = LatexMarks(mathematics)
            title, blocks = self._poured(marks, language)
            return latex.render(title, blocks, language)
        if format != "md":
            raise UnknownName("format", format, FORMATS)
        if profile not in PROFILES:
            raise UnknownName("Markdown profile", profile, PROFILES)
        from symbackprop.documents import markdown
        from symbackprop.documents.marks import MarkdownMarks

        title, blocks = self._poured(MarkdownMarks(mathematics, profile), language)
        return markdown.render(title, blocks, profile)

    def _poured(self, marks: Any, language: str) -> tuple[str, tuple[Block, ...]]:
        from symbackprop.documents.pour import pour

        return pour(self.told, marks, language, self.counts)

    def save(
        self,
        folder: str | Path,
        formats: Sequence[str] = ("md",),
        *,
        language: str = "en",
        profile: str = "portable",
    ) -> list[str]:
        """NAME.md, NAME.tex, NAME.json in the folder; the paths written. All or nothing per file."""
        from symbackprop.files import write_atomically

        for name in formats:
            if name not in FORMATS:
                raise UnknownName("format", name, FORMATS)
        texts = {f: self.text(f, language=language, profile=profile) for f in formats}
        paths = []
        for format_, text in texts.items():
            path = Path(folder) / f"{self.name}.{format_}"
            write_atomically(path, text)
            paths.append(str(path))
        return paths

    # --- single gradients ------------------------------------------------------------------------

    def gradient(self, symbol: str) -> Any:
        """The derivative of the cost by the entry that `symbol` writes, as a `Gradient`."""
        from symbackprop.api.gradients import gradient

        return gradient(self, symbol)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        markdown = self.text("md")
        return {
            "text/plain": f"<Derivation {self.name}: {self.summary()}>",
            "text/markdown": markdown,
        }


def network(name: str, **options: Any) -> System:
    """The network of a command line. Raises UnknownName, SpecError, ManyErrors."""
    given = {k: v for k, v in options.items() if v not in (None, False)}
    samples = given.get("samples")
    if isinstance(samples, str) and samples.isascii() and samples.isdigit():
        given["samples"] = int(samples[:12])
    if len(name) > 4000:
        raise SpecError(f"the network's name is too long: {printable(name)}")
    system = find(name, **given)
    if names_file(name) and system.about.notation:
        try:
            find_notation(system.about.notation)
        except UnknownName as error:
            from symbackprop.networks.specs.file import place_of

            error.place = place_of(Path(name), "notation")
            raise
    return system


def check_documents(formats: Sequence[str], language: str) -> None:
    """Raise UnknownName for a format or language that there is not, before the work begins."""
    from symbackprop.documents.templates import languages

    for name in formats:
        if name not in FORMATS:
            raise UnknownName("format", name, FORMATS)
    if language not in languages():
        raise UnknownName("language", language, languages())


def gallery(folder: str | Path, tell: Callable[[str], None] | None = None) -> list[str]:
    """All built-ins, each in its own notation, Markdown, LaTeX and JSON; one line each.

    tell: is told the name of each before it is made.
    """
    lines = []
    for name in BUILTINS:
        if tell is not None:
            tell(f"{name} ...")
        derivation = derive(name)
        derivation.save(folder, FORMATS)
        lines.append(f"{name:20} {derivation.summary()}")
    return lines
