"""What a statement is: a definition, a claim, an update, a cost, numbers, a shape or a remark."""

from __future__ import annotations

from symbackprop.formula.tree import Call, Chain, Num, Opaque, Sum, Sym
from symbackprop.system.model import Fact
from symbackprop.verifying.names.letters import SIZE_LETTERS
from symbackprop.verifying.understanding.bias_units import is_bias_unit
from symbackprop.verifying.understanding.define import define
from symbackprop.verifying.understanding.forms import (
    INDEX_AT,
    INDEX_RANGE,
    entry_by_entry,
    fact_of,
    is_collection,
    is_gradient_list,
    is_positive_constant,
    is_unnamed_cost,
    is_update,
)
from symbackprop.verifying.understanding.meaning import find_meaning
from symbackprop.verifying.understanding.optima import optimum_of
from symbackprop.verifying.understanding.set_to_zero import (
    follows_from_zero,
    is_set_to_zero,
    without_zero,
)
from symbackprop.verifying.understanding.shares import is_share
from symbackprop.verifying.understanding.signs import keep_signs
from symbackprop.verifying.understanding.size_relations import defines_size
from symbackprop.verifying.understanding.statement import Statement, Understanding
from symbackprop.verifying.understanding.unread import reason_of
from symbackprop.verifying.understanding.updates import SMALL_CHANGE
from symbackprop.verifying.understanding.written_entries import is_range


def _of_letters(chain: Chain, u: Understanding) -> bool:
    """`k = j` of two index letters: which term is meant."""
    letters = u.resolver.symbols.letters
    return all(isinstance(m, Sym) and m == Sym(m.base) and m.base in letters for m in chain.members)


def classify(s: Statement, u: Understanding) -> None:
    chain = without_zero(s).chain
    if s.sort == "fact":
        return
    if not chain.relations:
        s.sort = "cost" if is_unnamed_cost(s) else "remark"
        return
    if is_collection(s.piece.latex) or is_gradient_list(s.piece.latex):
        s.sort = "shape"
        return
    if is_set_to_zero(s):
        s.sort = "remark"
        return
    s.optimum = optimum_of(s, u, u.statements)
    if s.optimum is not None:
        return
    if follows_from_zero(s, u.statements):
        s.reason = "it is said to hold only where something is 0"
        return
    if chain.relations == ("=",) and is_range(chain):
        s.sort = "remark"
        return
    fine = [m for m in chain.members if not any(isinstance(n, Opaque) for n in m.walk())]
    partly = 2 <= len(fine) < len(chain.members) and fine[0] is chain.members[0]
    if partly and set(chain.relations) <= {"=", ":=", "equiv"}:
        lost = next(n for n in chain.walk() if isinstance(n, Opaque))
        if "ellipsis" in lost.reason:
            s.reason = lost.reason  # what goes on "and so on" cannot be judged by its start
            return
        s.lost = reason_of(lost) + f": '{lost.text[:60]}'"
        s.chain = chain = Chain(tuple(fine), ("=",) * (len(fine) - 1), span=chain.span)
    if any(isinstance(n, Opaque) for n in chain.walk()):
        opaque = next(n for n in chain.walk() if isinstance(n, Opaque))
        s.reason = reason_of(opaque)
        if opaque.text:
            s.reason += f": '{opaque.text[:60]}'"
    if chain.relations[0] in ("in",):
        s.sort = "shape"
        keep_signs(s, u)
        return
    here = s.piece.latex
    placed = not s.piece.display and (INDEX_AT.fullmatch(here) or _of_letters(chain, u))
    if INDEX_RANGE.fullmatch(here) or placed:
        s.sort, s.reason = "remark", ""
        return
    first = chain.members[0]
    if (
        isinstance(first, Call)
        and first.name == "tuple"
        and all(isinstance(a, Sym) and not a.sub and not a.sup for a in first.args)
    ):
        s.sort, s.reason = "shape", ""  # (W, b) = (W^1, b^1, ...): a name for a collection
        return
    spread = entry_by_entry(chain)
    if spread is not None:
        s.chain = chain = spread
    if s.reason == SMALL_CHANGE:
        return
    if all(r == "to" for r in chain.relations):
        s.sort = "remark"
        if "\\mapsto" in s.piece.latex and s.piece.latex.count("mathbb") > 1:
            s.sort = "shape"
        elif s.piece.display and any(isinstance(n, Sum) for n in chain.members[-1].walk()):
            s.sort = "cost"  # a cost without a left side
        return
    if "to" in chain.relations:
        # "a = sigma(z) -> a is the output": what follows the arrow is a remark
        at = chain.relations.index("to")
        if at == 0:
            s.chain = chain = Chain(chain.members[1:], chain.relations[1:], span=chain.span)
        else:
            s.chain = chain = Chain(chain.members[: at + 1], chain.relations[:at], span=chain.span)
        if not chain.relations:
            s.sort = "remark"
            return
    if s.sort == "function":
        find_meaning(s, u)
        return
    if is_update(chain):
        s.sort = "update"
        find_meaning(s, u)
        return
    if s.reason:
        return
    if is_bias_unit(chain, (x.chain for x in u.statements)):
        find_meaning(s, u)
        if s.meant is not None:
            define(s, u)
        return
    if not any(isinstance(n, Sym) for m in chain.members[1:] for n in m.walk()) and isinstance(
        chain.members[0], Sym
    ):
        s.sort = "numeric"
        head, value = chain.members[0], chain.members[-1]
        assert isinstance(head, Sym)
        name = head.base + (f"_{''.join(head.sub)}" if head.sub else "")
        if name in SIZE_LETTERS and isinstance(value, Num) and value.text.isdigit():
            u.size_values[name] = int(value.text)
        if is_positive_constant(s, u.statements):
            u.facts.setdefault(u.resolver.symbols.resolve(head).name, set()).add(Fact("positive"))
        return
    if not any(isinstance(n, Sym) for m in chain.members for n in m.walk()):
        s.sort = "numeric"
        return
    if defines_size(chain, u.resolver.sizes, (x.chain for x in u.statements)):
        s.sort = "shape"
        return
    find_meaning(s, u)
    if s.meant is None:
        return
    fact = fact_of(s.meant)
    if fact is None and is_share(s.meant, u):
        s.sort = "fact"
        return
    if fact is not None and not _is_defined(fact[0], u):
        u.facts.setdefault(fact[0], set()).add(fact[1])
        s.sort = "fact"
        return
    define(s, u)


def _is_defined(name: str, u: Understanding) -> bool:
    return any(d.target == name for d in u.definitions)
