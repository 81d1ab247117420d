"""Sections that stand by themselves: a letter that means something else in another one does not disturb them.

"Logistic regression" has one parameter vector θ, "softmax regression" one θ_k for each class: read as one text
neither fits. Where a section uses nothing that only other sections define, it is read once more by itself, with
what others say of the shapes of its letters; what could not be understood in the whole text, and holds there, holds;
what fails there, where most else holds and a repair mends it, is wrong. Nothing that was judged is judged anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from symbackprop.documents.scan import Piece, Scan
from symbackprop.formula.tree import Call, Formula, Sym
from symbackprop.judging.verdict import ACCEPTED
from symbackprop.verifying.results import WRONG, EquationResult
from symbackprop.verifying.understanding.statement import Statement, Understanding

MARKDOWN = re.compile(r"^[ ]{0,3}(#{1,6})[ \t]", re.MULTILINE)
LATEX = re.compile(r"\\(chapter|section|subsection|subsubsection|paragraph)\*?\s*\{")
LEVELS = {"chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
EQUAL = ("=", ":=", "equiv")

MOST = 8
"""So many sections at most are read once more."""

Judged = tuple[list[EquationResult], Understanding]


@dataclass(frozen=True, slots=True)
class _Section:
    """Pieces `start` up to (not with) `end`: the letters they use, define, and tell the shapes of."""

    start: int
    end: int
    used: frozenset[str]
    defined: frozenset[str]
    shaped: frozenset[str]

    def joined(self, other: _Section) -> _Section:
        return _Section(
            self.start, other.end,
            self.used | other.used, self.defined | other.defined, self.shaped | other.shaped,
        )  # fmt: skip


def with_sections_alone(
    document: Scan,
    u: Understanding,
    results: list[EquationResult],
    judge: Callable[[Scan], Judged],
) -> list[EquationResult]:
    """The results, with what sections read by themselves tell of statements that were not understood."""
    open_ = {id(e.piece) for e in results if _is_open(e)}
    sections = _sections(document.pieces, u.statements) if open_ else []
    if len(sections) < 2:
        return results
    better: dict[int, EquationResult] = {}
    tried = 0
    for k, section in enumerate(sections):
        pieces = document.pieces[section.start : section.end]
        if not any(id(p) in open_ for p in pieces) or tried >= MOST:
            continue
        group = _by_itself(sections, k)
        if group is None:
            continue
        tried += 1
        told = _shapes_told(document.pieces, u.statements, group)
        own = (*told, *document.pieces[group.start : group.end])
        found, alone = judge(replace(document, pieces=own))
        if not _same_functions(u, alone, group):
            continue
        here = {id(p) for p in pieces} & open_
        firm = _mostly_holds(found)
        better |= {
            id(e.piece): e for e in found
            if id(e.piece) in here
            and (e.verdict in ACCEPTED or (firm and e.verdict == "refuted" and e.repair))
        }  # fmt: skip
    return [better.get(id(e.piece), e) if _is_open(e) else e for e in results]


def _mostly_holds(results: Iterable[EquationResult]) -> bool:
    """Whether more claims of a section hold than fail: then one that fails, and has a repair, is wrong."""
    verdicts = [e.verdict for e in results]
    held = sum(v in ("proved", "agrees") for v in verdicts)
    return held > sum(v in WRONG for v in verdicts)


def _is_open(e: EquationResult) -> bool:
    return e.verdict == "not_understood" and e.piece is not None


def _sections(pieces: Sequence[Piece], statements: Iterable[Statement]) -> list[_Section]:
    """The text cut at its coarsest headings of which there are several."""
    levels: dict[int, list[int]] = {}
    for number, piece in enumerate(pieces):
        for level in _levels(piece.before):
            levels.setdefault(level, []).append(number)
    several = [places for _, places in sorted(levels.items()) if len(set(places)) > 1]
    if not several:
        return []
    starts = sorted({0, *several[0]})
    by_place: dict[int, list[Statement]] = {}
    for s in statements:
        by_place.setdefault(s.place, []).append(s)
    ends = [*starts[1:], len(pieces)]
    return [
        _section(a, b, [s for n in range(a, b) for s in by_place.get(n, ())])
        for a, b in zip(starts, ends, strict=True)
    ]


def _levels(before: str) -> list[int]:
    marks = [len(m[1]) for m in MARKDOWN.finditer(before)]
    return marks + [LEVELS[m[1]] for m in LATEX.finditer(before)]


def _section(start: int, end: int, statements: Sequence[Statement]) -> _Section:
    used: set[str] = set()
    defined: set[str] = set()
    shaped: set[str] = set()
    for s in statements:
        if not s.chain.relations:
            continue
        used |= {letter for n in s.chain.walk() if (letter := _letter(n))}
        head = _letter(s.chain.members[0])
        if head and s.chain.relations[0] in EQUAL and s.sort != "numeric":
            defined.add(head)
        if s.chain.relations == ("in",) and head:
            shaped.add(head)
    return _Section(start, end, frozenset(used), frozenset(defined), frozenset(shaped))


def _letter(n: Formula) -> str:
    return n.base if isinstance(n, Sym) else n.name if isinstance(n, Call) else ""


def _by_itself(sections: Sequence[_Section], k: int) -> _Section | None:
    """Section k, with as few before it as define all that it uses; None where that is the whole text."""
    group = sections[k]
    for first in range(k, -1, -1):
        if first < k:
            group = sections[first].joined(group)
        others = [s for j, s in enumerate(sections) if not first <= j <= k]
        if others and not any((s.defined - group.defined) & group.used for s in others):
            return group
    return None


def _shapes_told(
    pieces: Sequence[Piece], statements: Iterable[Statement], group: _Section
) -> list[Piece]:
    """Pieces before a section that tell shapes of letters of which it tells none itself."""
    found = {}
    for s in statements:
        head = _letter(s.chain.members[0])
        told = s.chain.relations == ("in",) and head in group.used - group.shaped
        if told and s.place < group.start:
            found[s.place] = pieces[s.place]
    return [replace(p) for p in found.values()]


def _same_functions(u: Understanding, alone: Understanding, group: _Section) -> bool:
    """Whether the functions of a section are those that the whole text says."""

    def said(one: Understanding, name: str) -> set[str]:
        return {str(f.expression) for f in one.functions.get(name, ())}

    names = (set(u.functions) | set(alone.functions)) & group.used
    return all(said(u, name) == said(alone, name) for name in names)


__all__ = ["with_sections_alone"]
