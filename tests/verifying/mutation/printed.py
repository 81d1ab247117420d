"""Documents that the package prints, with one member of a display edited, and what that edit is worth.

Members of equations and of learning steps. A statement's text is read in the notation of its book; its
value is that of `values`, at two instances of the network. Only statements that are true there are edited.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from mutation.edits import OPERATORS
from mutation.ranges import Env, environments
from mutation.values import Value, every, instances, same
from symbackprop import api
from symbackprop.documents.scan import Piece, scan_text
from symbackprop.errors import SymbackpropError
from symbackprop.formula import tree as t
from symbackprop.formula.latex_reader import CONTINUES, read_display, read_formula
from symbackprop.formula.latex_writer import write
from symbackprop.networks.builtins import BUILTINS
from symbackprop.notation import reading_hints, to_meant

Key = tuple[str, str, tuple[tuple[str, Any], ...], tuple[str, ...]]

OTHERS: tuple[Key, ...] = (
    ("3-4-2", "nielsen", (), ("index",)),
    ("3-4-2", "nielsen", (), ("matrix",)),
    ("3-4-2", "ufldl", (("weight_decay", True), ("samples", "m"), ("reduction", "mean")), ()),
    ("3-4-2", "lee", (("activation", "tanh"),), ()),
    ("2-3-4-2", "chang", (), ()),
    ("3-2-2", "csdn", (("bias", "layer"),), ("neuron",)),
    ("2-3-1", "default", (("activation", "gelu-tanh"), ("cost", "huber")), ()),
    ("3-3-3", "default", (("cost", "softmax-ce"),), ()),
    ("2-2-2", "default", (("activation", "tanh"), ("cost", "mse")), ("neuron",)),
    ("3-3-3-3", "nielsen", (), ("matrix",)),
    ("2-3-2", "ufldl", (("activation", "sigmoid"), ("cost", "bce")), ("neuron",)),
    ("2-3-2", "ufldl", (), ("index",)),
)
"""Networks that no source document has, rectangular and square, in several notations and views."""

DOCUMENTS: tuple[Key, ...] = (*((name, "", (), ()) for name in BUILTINS), *OTHERS)


RATES = ("eta", "alpha")
RATE = t.Num("0.37")


@dataclass(frozen=True, slots=True)
class Target:
    """A member of a statement that is true: where it stands, its letters, its values."""

    piece: int
    statement: int
    member: int
    start: int
    end: int
    written: t.Formula
    meant: t.Formula
    symbols: tuple[t.Sym, ...]
    envs: tuple[tuple[Env, ...], ...]
    values: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """A wrong version of a member: the piece's new text. lost: it has no value at all any more."""

    target: Target
    operator: str
    before: str
    after: str
    latex: str
    lost: bool


class Printed:
    """One generated document."""

    def __init__(self, key: Key) -> None:
        network, notation, options, views = key
        system = api.network(network, **dict(options)) if options or notation else network
        self.derivation = api.derive(system, notation or None, views or None)
        self.name = f"{network} {notation} {' '.join(views)}".strip()
        self.system = self.derivation.system
        self.book = self.derivation.notation
        self.hints = reading_hints(self.book, self.system)
        self.text = self.derivation.text("md")
        self.pieces: tuple[Piece, ...] = scan_text(self.text).pieces
        self.oracles = instances(self.system)
        self.known: dict[int, tuple[Any, ...]] = {}
        self._targets: list[Target] | None = None

    # --- reading ------------------------------------------------------------------------------

    def chain(self, latex: str, statement: int) -> t.Chain | None:
        """A statement of a display, meant; None where it cannot be read."""
        try:
            found = read_display(latex, self.hints).statements[statement].chain
        except (SymbackpropError, RecursionError, IndexError):
            return None
        return found

    def meant(self, f: t.Formula) -> t.Formula | None:
        if any(isinstance(n, t.Opaque) for n in f.walk()):
            return None
        try:
            return to_meant(f, self.book, self.system)
        except (SymbackpropError, ValueError, TypeError, LookupError):
            return None

    def rated(self, f: t.Formula) -> t.Formula:
        """The formula with a number for the learning rate, which no network has."""
        names = {q.name for q in self.system.quantities}

        def change(n: t.Formula) -> t.Formula | None:
            name = n.name if isinstance(n, t.Ref) else n.base if isinstance(n, t.Sym) else ""
            return RATE if name in RATES and name not in names else None

        return f.rewrite(change)

    @property
    def targets(self) -> list[Target]:
        """The members that can be edited: equal, by the oracle, to the first member."""
        if self._targets is None:
            self._targets = [x for k in range(len(self.pieces)) for x in self._of_piece(k)]
        return self._targets

    def keep(self, pieces: frozenset[int]) -> None:
        """Only members of these displays are edited from now on."""
        self._targets = [x for x in self.targets if x.piece in pieces]

    def _of_piece(self, number: int) -> Iterator[Target]:
        piece = self.pieces[number]
        if piece.problem or "=" not in piece.latex:
            return
        try:
            statements = read_display(piece.latex, self.hints).statements
        except (SymbackpropError, RecursionError):
            return
        for k, s in enumerate(statements):
            c = s.chain
            step = c.relations[:1] == ("<-",)
            known = {"=", "<-"} if step else {"="}
            if s.condition or not c.relations or not set(c.relations) <= known:
                continue
            if c.members[0] == CONTINUES:
                continue
            meant = self.meant(c)
            if not isinstance(meant, t.Chain):
                continue
            for m in range(1, len(c.members)):
                span = c.members[m].span
                if span is None or (not step and defining(meant, m)):
                    continue
                found = self._target(number, k, m, c, meant)
                if found is not None:
                    yield found

    def _target(self, number: int, k: int, m: int, c: t.Chain, meant: t.Chain) -> Target | None:
        member = self.rated(meant.members[m])
        head = member if meant.relations[0] == "<-" else meant.members[0]
        span = c.members[m].span
        assert span is not None
        envs, values = [], []
        for oracle in self.oracles:
            try:
                here = environments(oracle, (head, member))
            except Exception:
                return None
            left, right = every(oracle, head, here), every(oracle, member, here)
            rows = [
                (e, b) for e, a, b in zip(here, left, right, strict=True)
                if a is not None and b is not None
            ]  # fmt: skip
            if not rows or any(
                not same(a, b)
                for a, b in zip(left, right, strict=True)
                if a is not None and b is not None
            ):
                return None
            envs.append(tuple(e for e, _ in rows))
            values.append(tuple(v for _, v in rows))
        symbols = tuple(dict.fromkeys(n for n in c.walk() if isinstance(n, t.Sym)))
        return Target(
            number, k, m, span.start, span.end, c.members[m], member, symbols,
            tuple(envs), tuple(values),
        )  # fmt: skip

    # --- edits --------------------------------------------------------------------------------

    def edits(self, operator: str, count: int, seed: int, lost: bool = False) -> list[Edit]:
        """Up to `count` edits of a kind that change the value, chosen at random."""
        rng = random.Random(f"{self.name}{operator}{seed}")
        pool = [
            (target, new)
            for target in self.targets
            for new in dict.fromkeys(OPERATORS[operator](target.written, list(target.symbols)))
        ]
        rng.shuffle(pool)
        found: list[Edit] = []
        seen: set[tuple[int, str]] = set()
        for target, new in pool:
            if len(found) >= count:
                break
            edit = self._edit(operator, target, new)
            if edit is None or (edit.lost and not lost) or (target.piece, edit.latex) in seen:
                continue
            seen.add((target.piece, edit.latex))
            found.append(edit)
        return found

    def _edit(self, operator: str, target: Target, new: t.Formula) -> Edit | None:
        text = self.pieces[target.piece].latex
        try:
            printed = write(new)
        except SymbackpropError:
            return None
        latex = f"{text[: target.start]}{printed}{text[target.end :]}"
        chain = self.chain(latex, target.statement)
        if chain is None or len(chain.members) <= target.member:
            return None
        read = self.meant(chain)
        if not isinstance(read, t.Chain):
            return None
        sort = self.compared(target, self.rated(read.members[target.member]))
        if sort == "same":
            return None
        before = text[target.start : target.end]
        return Edit(target, operator, before, printed, latex, sort == "lost")

    def compared(self, target: Target, f: t.Formula) -> str:
        """'same', 'differs', or 'lost' where it has no value at some place."""
        lost = False
        for oracle, envs, values in zip(self.oracles, target.envs, target.values, strict=True):
            for new, old in zip(every(oracle, f, list(envs)), values, strict=True):
                if new is None:
                    lost = True
                elif not same(new, old):
                    return "differs"
        return "lost" if lost else "same"

    def document(self, edits: list[Edit]) -> str:
        """The document with these edits, at most one a piece."""
        out, at = [], 0
        for e in sorted(edits, key=lambda e: self.pieces[e.target.piece].start):
            piece = self.pieces[e.target.piece]
            out.append(self.text[at : piece.start])
            out.append(e.latex)
            at = piece.end
        out.append(self.text[at:])
        return "".join(out)

    def repaired(self, edit: Edit, text: str) -> bool:
        """Whether a suggestion (the first of several) has the value of the original."""
        try:
            written = read_formula(text, self.hints)
        except (SymbackpropError, RecursionError):
            return False
        meant = self.meant(written)
        return meant is not None and self.compared(edit.target, self.rated(meant)) == "same"


def defining(chain: t.Chain, m: int) -> bool:
    """Whether a member says what a name or a function stands for: no claim that could be wrong."""
    head, member = chain.members[0], chain.members[m]
    if m == 1 and isinstance(head, t.Ref | t.Array):
        return True
    before = chain.members[m - 1]
    applied = {n.name for n in before.walk() if isinstance(n, t.Call)}
    return isinstance(head, t.Ref | t.Array) and not applied <= {
        n.name for n in member.walk() if isinstance(n, t.Call)
    }


@cache
def printed(key: Key) -> Printed:
    return Printed(key)
