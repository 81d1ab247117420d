"""Claims that hold under a condition only: both sides times 1 where it holds, 0 elsewhere."""

from __future__ import annotations

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import Add, Bracket, Call, Chain, Formula, Mul, Num, Sym
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.names.resolve import Unclear
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.verifier import Verifier

UNREAD = Verdict("not_understood", reason="it holds under a condition, which cannot be judged here")


def another_function(s: Statement) -> bool:
    r"""Whether a condition gives a function that is applied in the statement: `… \text{ for } g = \tanh`.

    That restricts nothing: the statement is about another network than the document's.
    """
    applied = {n.name.split("^")[0].split("_")[0] for n in s.chain.walk() if isinstance(n, Call)}
    return any(
        c.relations == ("=",) and isinstance(c.members[0], Sym) and c.members[0].base in applied
        and isinstance(c.members[1], Sym)
        for c in s.under
    )  # fmt: skip


def judge_under(verifier: Verifier, s: Statement, chain: Chain, plain: Verdict) -> Verdict:
    """The verdict where the conditions hold; `plain` is the one without them, a refusal."""
    from symbackprop.verifying.verdicts.claims import functions_at

    if plain.kind != "refuted" or set(chain.relations) - {"=", ":=", "equiv"}:
        return plain if plain.kind == "ill_formed" else UNREAD
    try:
        resolved = [
            Bracket(Chain(tuple(verifier.u.resolver(m) for m in c.members), c.relations))
            for c in s.under
        ]
    except (Unclear, SymbackpropError):
        return UNREAD

    def limited(m: Formula) -> Formula:
        return Mul((*resolved, m), span=m.span)

    functions = functions_at(verifier, s)
    # Where the condition never holds at a sample, 0 = 0 would prove everything: it must tell apart.
    first = chain.members[0]
    other = Chain((limited(first), limited(Add((first, Num("1"))))), ("=",))
    if ask(verifier.session, s, other, functions)[0].kind != "refuted":
        return UNREAD
    members = tuple(limited(m) for m in chain.members)
    verdict, _ = ask(
        verifier.session, s, Chain(members, chain.relations, span=chain.span), functions
    )
    return verdict if verdict.kind in (*ACCEPTED, "refuted") else UNREAD
