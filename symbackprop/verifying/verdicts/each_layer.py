r"""Claims about any layer where the last one has a function of its own: `dZ^{[l]} = dA^{[l]} * g^{[l]\prime}(Z^{[l]})`.

In the last layer `g^{[l]}` is `g^{[L]}`. What holds in all layers but the last may have been meant so.
"""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula.tree import Bracket, Call, Chain, Formula, Idx, Mul, Num
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.understanding.last_functions import LAST, of_last_layer
from symbackprop.verifying.understanding.statement import Statement, Understanding
from symbackprop.verifying.verdicts.verifier import Verifier

LETTER = "l"
BUT_THE_LAST = "it holds in all layers but the last, which has a function of its own"


def has_own_last(u: Understanding) -> bool:
    """Whether what is defined for any layer is defined for the last one once more."""
    special = {d.target for d in u.definitions if d.indices[:1] == (Idx(LAST),)}
    return any(d.target in special and d.indices[:1] == (Idx(LETTER),) for d in u.definitions)


def in_each_layer(
    verifier: Verifier, s: Statement, chain: Chain, plain: Verdict, at_last: Verdict
) -> Verdict:
    """The verdict below the last layer and in it; `plain` is the one on all of them, a refusal."""
    from symbackprop.verifying.verdicts.claims import functions_at

    hidden = Bracket(Chain((Idx(LETTER), Idx(LAST)), ("<",)))

    def limited(m: Formula) -> Formula:
        return Mul((hidden, m), span=m.span)

    functions = functions_at(verifier, s)
    # Where both sides are 0 whatever they are, they would be equal with a factor, too.
    first = chain.members[0]
    other = Chain((limited(first), limited(Mul((Num("2"), first)))), ("=",))
    if set(chain.relations) - {"=", ":=", "equiv"} or (
        ask(verifier.session, s, other, functions)[0].kind != "refuted"
    ):
        return plain
    members = tuple(map(limited, chain.members))
    below, _ = ask(verifier.session, s, Chain(members, chain.relations, span=chain.span), functions)
    if below.kind not in ACCEPTED:
        return plain
    if at_last.kind not in ACCEPTED:
        return Verdict("not_understood", reason=BUT_THE_LAST)
    return below if below.kind == "agrees" else at_last


def of_the_last(chain: Chain) -> Chain | None:
    """The claim in the last layer, with its function; None for one that is about no layer in general."""
    if Idx(LETTER) not in set(chain.walk()):
        return None

    def change(n: Formula) -> Formula | None:
        if n == Idx(LETTER):
            return Idx(LAST)
        if isinstance(n, Call) and (own := of_last_layer(n.name)):
            return replace(n, name=own, args=tuple(a.rewrite(change) for a in n.args))
        return None

    return chain.rewrite_members(change)


__all__ = ["has_own_last", "in_each_layer", "of_the_last"]
