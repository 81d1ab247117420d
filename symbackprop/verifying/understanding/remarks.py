r"""What stands beside the mathematics of a statement: its shape at the end, words for values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from symbackprop.formula.tree import Chain, Sym
from symbackprop.verifying.understanding.statement import Statement

WORD = 5
"""Letters of the shortest word that a value is described with."""

NEAR = 6
"""Words between a display and an inline formula that goes on with `=`."""


def far(prose: str) -> bool:
    """Whether so much is said before `$= …$` that it says what something else is."""
    return len(prose.split()) > NEAR


def without_shape(chain: Chain) -> Chain:
    r"""`a = b \in \mathbb{R}^n` says that a is b; where they live is said beside it."""
    if len(chain.relations) < 2 or chain.relations[-1] != "in":
        return chain
    return Chain(chain.members[:-1], chain.relations[:-1], span=chain.span)


def _is_word(text: str) -> bool:
    return len(text) >= WORD and text.isascii() and text.isalpha() and text.islower()


def words_for_values(statements: Sequence[Statement]) -> None:
    """`o_k = output` says in a word what o_k is; no equation has the word."""
    seen: Counter[str] = Counter()
    described: list[tuple[Statement, str]] = []
    for s in statements:
        seen.update({n.base for n in s.chain.walk() if isinstance(n, Sym)})
        c = s.chain
        if len(c.members) != 2 or c.relations != ("=",) or not isinstance(c.members[0], Sym):
            continue
        value = c.members[1]
        if isinstance(value, Sym) and value == Sym(value.base) and _is_word(value.base):
            described.append((s, value.base))
    words = Counter(word for _, word in described)
    for s, word in described:
        if seen[word] == words[word] and s.piece.latex.rstrip(" .,").endswith(word):
            s.chain = Chain((s.chain.members[0], Sym("ℝ")), ("in",), span=s.chain.span)
