r"""Functions with a free slope, and steps by name: what stands for a formula is written out.

`f(z) = 1/(1 + e^{-βz})` holds another letter than its argument. Wherever f is applied, its formula is
put in, and `f'(z)` is the derivative of this formula by z. `H(z)`, said to be Heaviside's, is `[z > 0]`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbackprop.documents.scan import Piece
from symbackprop.formula.tree import Bracket, Call, Chain, Deriv, Formula, Num, Prod, Sum, Sym
from symbackprop.verifying.understanding.statement import ANY_NUMBER, Statement

UNREAD = "a derivative of {} at a formula cannot be read: its own formula holds other quantities"
STEPS = frozenset({"step", "heaviside", "Heaviside", "unitstep", "u"}) - {"u"}
"""Words for the step that need no explanation."""

_STEP = r"(?:heaviside|unit[- ]step|step\s+function|indicator\s+of\s+positiv|einheitssprung|阶跃|échelon)"
_BEFORE = re.compile(_STEP + r"[^.$]{0,30}$", re.IGNORECASE)
_AFTER = re.compile(
    r"^[\s$,(]*(?:which\s+)?(?:is|be|being|denotes?|for|=|：|是|为|ist|est)\b[^.$]{0,25}" + _STEP,
    re.IGNORECASE,
)

Formulas = dict[str, tuple[Sym, Formula]]


def write_out_functions(statements: list[Statement], pieces: Sequence[Piece]) -> None:
    """Puts formulas in the place of these functions."""
    heads = {c.members[0].name for s in statements for c in (s.chain,) if isinstance(c.members[0], Call)
             and c.relations and not c.members[0].primes}  # fmt: skip
    steps = (_told_steps(pieces) | STEPS) - heads
    calls = [n for s in statements for n in s.chain.walk() if isinstance(n, Call)]
    if any(c.name in steps for c in calls):
        for s in statements:
            s.chain = _with_steps(s.chain, steps)
    formulas = _formulas(statements, calls)
    if not formulas:
        return
    scripted = {
        Sym(n.base) for s in statements for n in s.chain.walk() if isinstance(n, Sym) and n.sub
    }
    told = {name: ((argument,), (rhs,)) for name, (argument, rhs) in formulas.items()}
    for s in statements:
        if not s.chain.relations:
            continue
        first = s.chain.members[0]
        if (
            isinstance(first, Call)
            and not first.primes
            and (first.args, s.chain.members[1:]) == told.get(first.name)
        ):
            s.sort = "fact"  # it says what the letter is
            continue
        if isinstance(first, Call) and first.primes and first.name in formulas:
            letter, _ = formulas[first.name]
            if first.args == (letter,) and letter in scripted:
                _of_any_number(s, letter)
        s.chain = _written_out(s, formulas)


def _of_any_number(s: Statement, letter: Sym) -> None:
    """`H'(r) = max(-κ, min(κ, r))` speaks of any number, also where r_1, r_2, … are quantities."""
    if any(isinstance(n, Sym) and n.base == letter.base and n != letter for n in s.chain.walk()):
        return
    s.argument = letter
    s.chain = s.chain.rewrite_members(
        lambda n: replace(ANY_NUMBER, span=n.span) if n == letter else None
    )


def _formulas(statements: Sequence[Statement], calls: Sequence[Call]) -> Formulas:
    """Letters that one formula defines which holds other plain symbols than the argument."""
    found: Formulas = {}
    several: set[str] = set()
    for s in statements:
        first = s.chain.members[0]
        if (
            len(s.chain.members) < 2
            or s.chain.relations[0] not in ("=", ":=", "equiv")
            or not isinstance(first, Call)
            or first.primes
            or len(first.args) != 1
        ):
            continue
        argument, rhs = first.args[0], s.chain.members[1]
        if not isinstance(argument, Sym) or argument.sub or argument.sup:
            continue
        if first.name in found:
            several.add(first.name)
        inside = {n for n in rhs.walk() if isinstance(n, Sym)}
        closed = not any(isinstance(n, Deriv | Sum | Prod) for n in rhs.walk())
        plain = all(not (n.sub or n.sup or n.primes) for n in inside)
        others = inside - {argument}
        own = any(isinstance(n, Call) and n.name == first.name for n in rhs.walk())
        if others and argument in inside and closed and plain and not own:
            found[first.name] = argument, rhs
        else:
            several.add(first.name)
    return {
        name: f for name, f in found.items()
        if name not in several and any(c.name == name and c.primes for c in calls)
    }  # fmt: skip


def _written_out(s: Statement, formulas: Formulas) -> Chain:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Deriv) and isinstance(n.of, Sym) and n.of == Sym(n.of.base):
            _, rhs = formulas.get(n.of.base, (n.of, n.of))  # `∂s/∂β` beside `s(x) = x σ(βx)`
            inside = n.by in set(rhs.walk()) and rhs != n.of
            return replace(n, of=rhs.rewrite(change)) if inside else None
        if not isinstance(n, Call) or n.name not in formulas or len(n.args) != 1:
            return None
        argument, rhs = formulas[n.name]
        at = n.args[0].rewrite(change)
        if n.primes and not isinstance(at, Sym):
            s.reason = s.reason or UNREAD.format(n.name)
            return None
        value = rhs.rewrite(lambda x: at if x == argument else None)
        for _ in range(n.primes):
            value = Deriv(value, at)
        return _spanned(value, n)

    return s.chain.rewrite_members(change)


def _spanned(f: Formula, old: Formula) -> Formula:
    return replace(f, span=old.span)


# --- steps ----------------------------------------------------------------------------------------


def _told_steps(pieces: Sequence[Piece]) -> set[str]:
    r"""Letters that the prose calls a step: "the Heaviside function $H$", "$\Theta$ is the unit step"."""
    found: set[str] = set()
    for p in pieces:
        name = p.latex.strip().removeprefix("\\").strip()
        bare = re.fullmatch(r"(?:mathcal\s*\{?\s*)?([A-Za-z]+)\s*\}?(?:\([^()]*\))?", name)
        if p.display or bare is None or len(name) > 20:
            continue
        if _BEFORE.search(p.before) or _AFTER.search(p.after):
            found.add(bare[1])
    return found


def _with_steps(chain: Chain, steps: set[str] | frozenset[str]) -> Chain:
    def change(n: Formula) -> Formula | None:
        if isinstance(n, Call) and n.name in steps and len(n.args) == 1 and not n.primes:
            at = n.args[0].rewrite(change)
            return Bracket(Chain((at, Num("0")), (">",)), span=n.span)
        return None

    return chain.rewrite_members(change)


__all__ = ["write_out_functions"]
