r"""Labels: `L = -\log p_y` with the right class y, `H = \sum_{j \neq k} \max(0, 1 + s_j - s_k)`.

A letter below a quantity in a cost that has no such letter itself stands for one fixed entry, whichever
it is. As no entry differs from the others, what holds for the first one holds for each: the letter is
read as the number 1, wherever the text has no numbers there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from symbackprop.documents.scan import Piece
from symbackprop.formula.tree import (
    Add,
    Bracket,
    Cases,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    Mul,
    Num,
    Opaque,
    Prod,
    Sum,
    Sym,
)
from symbackprop.verifying.understanding.picked_entries import (
    key_of,
    letter_of,
    letters_of,
    name_of,
    picked,
    sums_beside,
)
from symbackprop.verifying.understanding.statement import Label, Statement, has_derivative

FIRST = "1"


_ONE_HOT = re.compile(r"one[- ]?hot", re.IGNORECASE)
_ONE_HOT_LETTER = re.compile(
    r"(?<![\w$\\])([a-z]) (?:is|be|denotes?) (?:the|a) (?:corresponding )?one[- ]?hot\b",
    re.IGNORECASE,
)
"""Prose in plain text: "let y be the one-hot vector for o"."""
TARGETS = frozenset({"y", "t", "d", "q", "e"})
"""Letters of targets: beside a label they are one-hot, which a text may leave unsaid."""


def read_labels(statements: Sequence[Statement], pieces: Sequence[Piece] = ()) -> Label | None:
    """Puts 1 for the label of a document's costs; None where there is none, or more than one."""
    found: dict[str, set[str]] = {}
    costs: set[Formula] = set()
    for s in statements:
        for letter, base in picked(s.chain):
            found.setdefault(letter, set()).add(base)
            costs.add(s.chain.members[0])
    chains = [s.chain for s in statements if s.chain.relations]
    found = {
        letter: bases
        for letter, bases in found.items()
        if all(_has_entries(base, letter, chains) for base in bases)
    }
    if not found:
        return None
    letter, bases = next(iter(found.items()))
    label = Label(letter, _alike(bases, letter, chains))
    symbols = [n for c in chains for n in c.walk() if isinstance(n, Sym)]
    if (
        len(found) > 1
        or any(sums_beside(c, letter) for c in chains)
        or any(_numbered(n) for n in symbols if n.base in label.bases)
    ):
        for s in statements:
            if has_derivative(s.chain) and _speaks_of(s.chain, costs):
                s.chain = _open(s.chain)
        return None
    known = {
        key_of(c.members[0])
        for c in chains if isinstance(c.members[0], Sym) and not _says_hot(c, letter)
    }  # fmt: skip
    hot = {x for x in _one_hot(pieces) if (x, "") not in known}
    known |= {
        key_of(n) for c in chains if not has_derivative(c)
        for n in c.members[-1].walk() if isinstance(n, Sym)
    }  # fmt: skip
    known -= {(x, "") for x in hot}
    whole = _whole_vectors(hot, letter, bases, statements)
    for s in statements:
        if _defines(s.chain, letter):
            continue
        s.chain = _compared(s.chain, hot, letter)
        if has_derivative(s.chain) or s.chain.relations == ("<-",):
            said = {key_of(n) for n in _outside_brackets(s.chain)}
            targets = {(x, "") for x in (TARGETS | hot) - set(whole)} - known
            if said & targets or any(n == Sym(letter) for n in _outside_brackets(s.chain)):
                s.chain = _open(s.chain)
                continue
        unknown = next((n for n in s.chain.walk() if _unknown(n, letter, known)), None)
        s.chain = _open(s.chain) if unknown is not None else _with_first(s.chain, letter)
        s.under = tuple(_first_of(c, letter) for c in s.under)
    if isinstance(statements, list):
        statements += whole.values()
        statements.sort(key=lambda s: s.place)
    return label


def as_label(f: Formula, label: Label | None) -> Formula:
    """The formula with the document's letter for the first entry."""
    if label is None:
        return f

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.base in label.bases and FIRST in n.sub:
            return Sym(
                n.base,
                tuple(label.letter if t == FIRST else t for t in n.sub),
                n.sup,
                n.primes,
                n.accent,
            )
        if (
            isinstance(n, Bracket)
            and isinstance(n.condition, Chain)
            and Num(FIRST) in n.condition.members
        ):
            members = tuple(
                Sym(label.letter) if m == Num(FIRST) else m for m in n.condition.members
            )
            if all(isinstance(m, Sym | Idx) for m in members):
                return Bracket(Chain(members, n.condition.relations))
        return None

    return f.rewrite(change)


def _one_hot(pieces: Sequence[Piece]) -> set[str]:
    """The y of "let $y$ be the one-hot vector of the word $o$"."""
    found: set[str] = set()
    for p in pieces:
        found |= set(_ONE_HOT_LETTER.findall(p.before))
        name = re.sub(r"\\(?:mathbf|bm|boldsymbol|vec)|[{}\s]", "", p.latex)
        before = re.split(r"[.;]\s", p.before)[-1][-40:]
        after = re.split(r"[.;]\s", p.after)[0][:40]
        if len(name) == 1 and not p.display and (_ONE_HOT.search(after) or _ONE_HOT.search(before)):
            found.add(name)
    return found


def _compared(chain: Chain, hot: set[str], letter: str) -> Chain:
    """`[w = o]` for the y_w of a one-hot y."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.base in hot and not n.accent and letter_of(n):
            return Bracket(Chain((Sym(letter_of(n)), Sym(letter)), ("=",)), span=n.span)
        return None

    return chain.rewrite_members(change) if hot else chain


def _says_hot(chain: Chain, letter: str) -> bool:
    """`y_o = 1`, where o is the label."""
    head = chain.members[0]
    one = chain.relations == ("=",) and chain.members[1] in (Num("1"), Num("0"))
    return one and isinstance(head, Sym) and letter_of(head) == letter


def _whole_vectors(
    hot: set[str], letter: str, bases: set[str], statements: Sequence[Statement]
) -> dict[str, Statement]:
    """`y_w = [w = o]` for a one-hot y that stands as a whole vector: a statement beside that of the entries p_w."""
    found: dict[str, Statement] = {}
    for s in statements:
        head = s.chain.members[0]
        if (
            not isinstance(head, Sym)
            or head.base not in bases
            or not _defines_each(s.chain, letter)
        ):
            continue
        for y in hot:
            if y not in found and any(Sym(y) in set(x.chain.walk()) for x in statements):
                index = letter_of(head)
                same = Bracket(Chain((Sym(index), Num(FIRST)), ("=",)))
                chain = Chain(
                    (Sym(y, (index,)), Add((same, Mul((Num("0"), head))))),
                    ("=",),
                    span=s.chain.span,
                )
                found[y] = replace(s, chain=chain, defines=[])
    return found


def _defines_each(chain: Chain, letter: str) -> bool:
    """`p_w = …`: each entry by its letter."""
    head = chain.members[0]
    plain = chain.relations[:1] in (("=",), (":=",)) and not has_derivative(chain)
    return plain and isinstance(head, Sym) and letter_of(head) not in ("", letter)


def _speaks_of(chain: Chain, costs: set[Formula]) -> bool:
    """Whether a statement differentiates one of these costs."""
    return any(isinstance(n, Deriv | Grad) and n.of in costs for n in chain.walk())


def _has_entries(base: str, letter: str, chains: Iterable[Chain]) -> bool:
    """Whether the quantity has other entries, or stands as a whole vector."""
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sym) and n.base == base and (not n.sub or letters_of(n) - {letter}):
                return True
    return False


def _alike(bases: set[str], letter: str, chains: Iterable[Chain]) -> frozenset[str]:
    """The bases that stand with the label anywhere."""
    more = {
        n.base for c in chains for n in c.walk() if isinstance(n, Sym) and letter in letters_of(n)
    }
    return frozenset(bases | more)


def _numbered(s: Sym) -> bool:
    """Whether a subscript has a number or a shift: then entries differ."""
    return any(t.isdigit() or t in "+-" for t in s.sub)


def _defines(chain: Chain, letter: str) -> bool:
    """`p_k = …`, and `z_k = …`: of each entry."""
    head = chain.members[0]
    return (
        isinstance(head, Sym)
        and letter in letters_of(head)
        and chain.relations[:1] in (("=",), (":=",))
        and not has_derivative(chain)
    )


def _outside_brackets(f: Formula) -> Iterator[Sym]:
    """The symbols of a formula that no condition holds."""
    stack = [f]
    while stack:
        n = stack.pop()
        if isinstance(n, Sym):
            yield n
        if isinstance(n, Cases):
            stack += [value for value, _ in n.rows]
        elif not isinstance(n, Bracket):
            stack += n.children()


def _unknown(n: Formula, letter: str, known: set[tuple[str, str]]) -> bool:
    """The y_k of a text that has no y otherwise, and a label that stands for itself."""
    if isinstance(n, Sym) and n.base == "delta":
        return False
    return isinstance(n, Sym) and letter in letters_of(n) and key_of(n) not in known


def _open(chain: Chain) -> Chain:
    last = chain.members[-1]
    lost = Opaque("", "which entry is meant by the label is not clear here", span=last.span)
    return Chain((*chain.members[:-1], lost), chain.relations, span=chain.span)


def _with_first(chain: Chain, letter: str) -> Chain:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sum | Prod) and n.index.name == letter:
            return n  # a sum over all entries with the same letter
        if isinstance(n, Sym) and letter in letters_of(n):
            sub = tuple(FIRST if t == letter else t for t in n.sub)
            return Sym(n.base, _apart(sub), n.sup, n.primes, n.accent, span=n.span)
        if not isinstance(n, Chain):
            return None
        first = _first_of(n, letter)
        return first if first != n else None

    new = Chain(tuple(m.rewrite(change) for m in chain.members), chain.relations, span=chain.span)
    return new


def _first_of(condition: Chain, letter: str) -> Chain:
    """`i = 1` for `i = y`."""
    if len(condition.members) != 2 or not all(name_of(m) for m in condition.members):
        return condition
    members = tuple(Num(FIRST) if name_of(m) == letter else m for m in condition.members)
    return Chain(members, condition.relations, span=condition.span)


def _apart(sub: tuple[str, ...]) -> tuple[str, ...]:
    """`w_{1i}` as w_{1,i}."""
    if "," in sub or len(sub) < 2:
        return sub
    return tuple(x for k, t in enumerate(sub) for x in ((",", t) if k else (t,)))
