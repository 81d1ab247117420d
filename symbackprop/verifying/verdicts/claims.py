"""Claims, with each function that a letter may stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from symbackprop.formula.tree import Array, Call, Chain, Num, Ref, Sym
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.names.letters import latex_of
from symbackprop.verifying.understanding.conditions import (
    for_some_values,
    in_conditional_sentence,
    right_behind,
)
from symbackprop.verifying.understanding.forms import INDEX_RANGE
from symbackprop.verifying.understanding.profile import WORD_ACTIVATIONS
from symbackprop.verifying.understanding.statement import Statement, names_of
from symbackprop.verifying.understanding.unread import NESTED, picked_by_label
from symbackprop.verifying.verdicts.any_of import of_any
from symbackprop.verifying.verdicts.direct_paths import judge_direct
from symbackprop.verifying.verdicts.each_layer import has_own_last, in_each_layer, of_the_last
from symbackprop.verifying.verdicts.entrywise import judge_entrywise
from symbackprop.verifying.verdicts.routes import judge_routes
from symbackprop.verifying.verdicts.row_biases import judge_row_bias
from symbackprop.verifying.verdicts.said_widths import judge_one_output, of_one_output
from symbackprop.verifying.verdicts.schematic import judge_schematic
from symbackprop.verifying.verdicts.under import UNREAD, another_function, judge_under
from symbackprop.verifying.verdicts.verifier import Verifier

CONDITION = re.compile(
    r"(?:(?!\n[ \t]*\n)[\s$,)\\])*(?:if|when|whenever)\b(?!\s+(?:you|we|one)\s+(?:like|prefer|want|wish|will)\b)"
)
"""Prose right after a statement that says when it holds; "if you like" says nothing of that."""

OPTIMUM = re.compile(
    r"\bvanish\w*|\bset(?:ting)?\b[^.]{0,40}\bto (?:zero|0)\b|\bat (?:the|a|an) "
    r"(?:minimum|maximum|optimum|solution|stationary)|\bnormal equations?\b",
    re.IGNORECASE,
)
"""Prose of the same sentence: what follows holds where the gradient is zero only."""

IF = re.compile(r"(?:\b(?:if|when|suppose|for|falls|wenn|si)|若|当|如果)\s*$", re.IGNORECASE)
"""Prose right before a supposition."""


def judge_claim(verifier: Verifier, s: Statement, chain: Chain) -> Verdict:
    """The verdict on a resolved claim; one about a letter that stands for several, for each of them."""
    if s.under and another_function(s):
        return UNREAD
    verdict = _judge(verifier, s, chain)
    if verdict.kind == "refuted" and has_own_last(verifier.u):
        last = of_the_last(chain)
        if last is not None:
            verdict = in_each_layer(verifier, s, chain, verdict, _judge(verifier, s, last))
    if s.under and verdict.kind in ("refuted", "ill_formed"):
        return judge_under(verifier, s, chain, verdict)
    if verdict.kind == "not_understood" and "does not depend on" in verdict.reason:
        return of_any(verifier.u, chain, lambda c: _judge(verifier, s, c)) or verdict
    return verdict


def _judge(verifier: Verifier, s: Statement, chain: Chain) -> Verdict:
    first: Verdict | None = None
    for functions in function_choices(verifier, s):
        if first is not None:  # another function must mend the wrong link before all
            link = broken_link(chain, first)
            if link != chain and not ask(verifier.session, s, link, functions)[0].accepted:
                continue
        verdict, _ = ask(verifier.session, s, chain, functions)
        if verdict.kind in ACCEPTED:
            return verdict
        first = first or verdict
    assert first is not None
    if first.kind == "ill_formed":
        row = judge_row_bias(verifier, s, chain, functions_at(verifier, s))
        if row is not None:
            return row
    if first.kind in ("refuted", "ill_formed"):
        from symbackprop.verifying.verdicts.one_example import judge_one_example

        for functions in function_choices(verifier, s):
            single = judge_one_example(verifier, s, chain, functions)
            if single is not None:
                return single
    if first.kind == "refuted" and CONDITION.match(s.piece.after):
        return Verdict("not_understood", reason="it holds under a condition in the prose")
    if first.kind in ("refuted", "ill_formed"):
        for n in s.chain.walk():
            name = n.name if isinstance(n, Call) else n.base if isinstance(n, Sym) else ""
            if name and _unread_formula(verifier, name):
                return Verdict(
                    "not_understood", reason=f"the formula of {name} holds other quantities"
                )
        if _picks_by_label(verifier, chain):
            return Verdict("not_understood", reason=NESTED)
        if _told_in_numbers(verifier, s):
            return Verdict("not_understood", reason="it reads what the text gives numbers for")
        if first.kind == "ill_formed" and of_one_output(verifier.u, chain):
            return judge_one_output(verifier, s, chain, functions_at(verifier, s))
        if _at_a_point(verifier, chain):
            return Verdict("not_understood", reason="numbers at a point that the text gives")
        if OPTIMUM.search(s.piece.before[-120:].rpartition(". ")[2]):
            return Verdict("not_understood", reason="it holds where the gradient is zero only")
        supposed = (_supposed(verifier, s) or _limited(verifier, s)) and not s.under
        if supposed or _of_one_entry(verifier, s):
            return Verdict("not_understood", reason="it holds under a condition in the prose")
        lost = _lost_definition(verifier, s)
        if lost:
            return Verdict("not_understood", reason=f"the definition of {lost} was not understood")
        unknown = _unknown_head(verifier, s)
        if unknown:
            return Verdict("not_understood", reason=f"{unknown} is never defined in the document")
        functions = functions_at(verifier, s)
        entries = judge_entrywise(verifier, s, chain, functions)
        for other in (
            entries if entries is not None and entries.accepted else None,
            judge_direct(verifier, s, chain, functions),
            judge_schematic(verifier, s, chain, functions),
            judge_routes(verifier, chain, first),
            entries if first.kind == "ill_formed" else None,
        ):
            if other is not None:
                return other
    return link_by_link(verifier, s, chain, first)


def _lost_definition(verifier: Verifier, s: Statement) -> str:
    """A symbol of a claim whose only definition could not be read."""
    own = {n for n in s.chain.walk() if isinstance(n, Sym)}
    lost: dict[Sym, None] = {}
    for x in verifier.u.statements:
        head = x.chain.members[0]
        if x is s or not isinstance(head, Sym) or x.chain.relations[:1] not in (("=",), (":=",)):
            continue
        if x.meant is None and x.reason and x.sort != "numeric" and head in own:
            lost[head] = None
    defined = {d.target for d in verifier.u.definitions}
    table = verifier.u.resolver.symbols
    return next((latex_of(n) for n in lost if table.resolve(n).name not in defined), "")


def _unknown_head(verifier: Verifier, s: Statement) -> str:
    """A quantity that stands only on the left, and of which nothing else in the text speaks."""
    right = {n.base for m in s.chain.members[1:] for n in m.walk() if isinstance(n, Sym)}
    table = verifier.u.resolver.symbols
    definitions = verifier.u.definitions
    used = {n for d in definitions for n in (d.target, *verifier.session.reads(d))}
    for n in s.chain.members[0].walk():
        if not isinstance(n, Sym) or n.base in right or n in verifier.known:
            continue
        others = (x for x in verifier.u.statements if x is not s)
        said = any(y == n for x in others for y in x.chain.walk())
        if not said and table.resolve(n).name not in used:
            return latex_of(n)
    return ""


def _picks_by_label(verifier: Verifier, chain: Chain) -> bool:
    """Whether a claim, or what it speaks of is made of, holds an entry that a label picks."""
    symbols = verifier.u.resolver.symbols
    picked = {symbols.resolve(s).name for s in symbols.symbols if picked_by_label(s)}
    if not picked:
        return False
    below = {n.removeprefix("d.") for n in names_of(chain)}
    grown = True
    while grown:
        made = {n for d in verifier.u.definitions if d.target in below for n in names_of(d.rhs)}
        grown = not made <= below
        below |= made
    return bool(below & picked)


def _at_a_point(verifier: Verifier, chain: Chain) -> bool:
    """`∂e/∂b = 1*2 + 1*3` in a text that gives numbers to its letters."""
    given = any(x.sort == "numeric" for x in verifier.u.statements)
    letters = (Ref, Array, Sym, Call)
    bare = [m for m in chain.members[1:] if not any(isinstance(n, letters) for n in m.walk())]
    return given and any(m not in (Num("0"), Num("1")) for m in bare)


def _told_in_numbers(verifier: Verifier, s: Statement) -> bool:
    """A y_i of which the text says `y_0 = 1` and `y_k = 0`: whether the claim holds depends on that."""
    told: dict[str, set[bool]] = {}
    for x in verifier.u.statements:
        head = x.chain.members[0]
        given = x.sort == "numeric" and x.chain.relations[:1] == ("=",)
        if given and isinstance(head, Sym) and len(head.sub) == 1:
            told.setdefault(head.base, set()).add(head.sub[0].isdigit())
    both = {base for base, found in told.items() if len(found) == 2}
    return any(isinstance(n, Sym) and n.sub and n.base in both for n in s.chain.walk())


def _supposed(verifier: Verifier, s: Statement) -> bool:
    """`If y = 1: L = -log p`: what stands right behind a supposition holds under it only."""
    if s.place == 0:
        return False
    before = verifier.u.scan.pieces[s.place - 1]
    if before.latex.strip().lstrip("\\").isalpha() and any(
        word in s.piece.before.lower() for word in WORD_ACTIVATIONS
    ):
        return False  # "If $f$ is tanh": each function that f may be is tried
    if INDEX_RANGE.fullmatch(before.latex):
        return False  # "For $j = 1, \\dots, n$": for every index
    if _NAMED.match(before.latex):
        return False  # "`dM` is short for $\\partial L / \\partial M$"
    return right_behind(s.piece, before) and bool(IF.search(before.before))


_NAMED = re.compile(r"[^=<>]*\\(?:partial|nabla)(?![A-Za-z])(?:(?!\\(?:[gl]eq?|neq?)\b)[^=<>])*$")
"""A derivative without a relation supposes nothing."""


def _of_one_entry(verifier: Verifier, s: Statement) -> bool:
    """`If $c$ is the index of the right class, …`: what follows in that section about c holds for this c."""
    letters = {
        t
        for n in s.chain.walk()
        if isinstance(n, Sym)
        for t in n.sub
        if len(t) == 1 and t.isalpha()
    } | {t for c in s.under for n in c.walk() if isinstance(n, Sym) for t in (n.base, *n.sub)}
    pieces, scopes, label = verifier.u.scan.pieces, verifier.u.scopes, verifier.u.label
    if label is not None and re.search(rf"(?<![A-Za-z]){label.letter}(?![A-Za-z])", s.piece.latex):
        letters.add(label.letter)  # read as an entry
    return any(
        not p.display
        and p.latex.strip() in letters
        and IF.search(p.before)
        and scopes.at(k) == scopes.at(s.place)
        and re.match(r"\W*(?:is|denotes|stands|gives|names)\b", p.after)
        for k, p in enumerate(pieces[: s.place])
    )


def _limited(verifier: Verifier, s: Statement) -> bool:
    """`If f is the identity, $a = z$`; `$f'(z) = 1$ for $z > 0$`."""
    pieces = verifier.u.scan.pieces
    following = pieces[s.place + 1] if s.place + 1 < len(pieces) else None
    if for_some_values(s.piece, following):
        return True
    if _OTHERS.search(s.piece.before[-80:]):
        return True
    return not s.piece.display and in_conditional_sentence(pieces, s.place)


_OTHERS = re.compile(
    r"\b(?:for|of)\s+(?:any|every|each|all|the)\s+(?:of\s+the\s+)?(?:others?|remaining|wrong|negative)\b[^.;]{0,30}$",
    re.IGNORECASE,
)
"""Prose right before what holds for all but one: "for any other word"."""


def broken_link(chain: Chain, verdict: Verdict) -> Chain:
    """The first member and the first one that is not accepted; the chain itself if none is known."""
    for k, m in enumerate(verdict.members, start=1):
        if m.kind not in ACCEPTED and k < len(chain.members):
            return Chain((chain.members[0], chain.members[k]), (chain.relations[k - 1],))
    return chain


def link_by_link(verifier: Verifier, s: Statement, chain: Chain, verdict: Verdict) -> Verdict:
    """A chain that is not well formed as a whole: the verdict of each member against the first."""
    size = len(chain.members)
    if verdict.kind != "ill_formed" or size < 3 or any(m.accepted for m in verdict.members):
        return verdict
    functions = functions_at(verifier, s)
    own = []
    for k in range(1, size):
        link = Chain((chain.members[0], chain.members[k]), (chain.relations[k - 1],))
        own.append(ask(verifier.session, s, link, functions)[0])
    if not any(m.accepted for m in own):
        return verdict
    new = replace(verdict, members=tuple(own))
    kept = verifier.session.last_asked.get(id(verdict))
    if kept is not None:
        verifier.session.last_asked[id(new)] = kept
        verifier.session.kept.append(new)
    return new


def _unread_formula(verifier: Verifier, name: str) -> bool:
    """A function that the text gives a formula for, which was not understood as one."""
    rows = verifier.u.functions.get(name, [])
    return any(f.expression is None for f in rows) and has_formula(verifier, name)


def functions_at(verifier: Verifier, s: Statement) -> dict[str, Function]:
    return function_choices(verifier, s)[0]


def function_choices(verifier: Verifier, s: Statement) -> list[dict[str, Function]]:
    """Which function a letter stands for here: one formula, or f kept abstract and each in turn."""
    import sympy as sp

    base: dict[str, Function] = {}
    options: list[tuple[str, Function]] = []
    for name, every in verifier.u.functions.items():
        rows = rows_at(verifier, name, every, s.place)
        own = name.replace("-", "_")
        if len(rows) == 1:
            base[own] = rows[0]
            if rows[0].expression is None and not has_formula(verifier, name):
                options += [(own, row) for row in usual(name, verifier.u.profile.functions)]
        else:
            base[own] = Function(own, sp.Symbol("v", real=True), None)
            options += [(own, row) for row in rows]
    return [base, *({**base, name: row} for name, row in options)]


def rows_at(verifier: Verifier, name: str, rows: list[Function], place: int) -> list[Function]:
    """Of several formulas of one letter those of the section of a place, where it has its own."""
    places = verifier.u.formulas.get(name, [])
    if len(rows) < 2 or len(places) != len(rows):
        return rows
    here = verifier.u.scopes.at(place)
    return [f for f, at in zip(rows, places, strict=True) if at in here] or rows


def has_formula(verifier: Verifier, name: str) -> bool:
    """Whether the text gives the function a formula of its own (that was not understood)."""
    heads = [s.chain.members[0] for s in verifier.u.statements if s.chain.relations]
    return any(isinstance(h, Call) and h.name == name and not h.primes for h in heads)


def usual(name: str, words: Mapping[str, str]) -> list[Function]:
    """What a letter for an activation may stand for that the text leaves to its prose.

    The activations that the prose names, and for `sigma` the sigmoid.
    """
    from symbackprop.verifying.understanding.functions import builtin, function_name

    if name not in ("f", "g", "phi", "varphi", "psi", "sigma", "s"):
        return []
    named = list(dict.fromkeys([*words.values(), *(["sigmoid"] if name == "sigma" else [])]))
    found = [f for f in map(builtin, named) if f is not None]
    return [
        Function(function_name(name), f.variable, f.expression, f.constants, f.facts) for f in found
    ]
