"""Claims about nothing: derivatives of what no definition has, or by what it cannot depend on."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Call, Chain, Deriv, Formula, Grad, Num, Ref
from symbackprop.judging.verdict import Verdict
from symbackprop.verifying.contexts.connected import loose_letters
from symbackprop.verifying.contexts.joined import part_at
from symbackprop.verifying.contexts.open_costs import open_part
from symbackprop.verifying.contexts.session import NO_COST, Context, Session, reads_of


def baseless(session: Session, chain: Chain, context: Context) -> str:
    """A derivative of something undefined, or by something it cannot depend on."""
    zero = any(m == Num("0") for m in chain.members)
    if context.dropped:
        names = reads_of(chain)
        for one in list(names):
            names |= context.upstream.get(one, frozenset())
        if any(isinstance(n, Ref | Array) and n.name.startswith("d.") for n in chain.walk()):
            names |= {context.system.cost} | context.upstream.get(context.system.cost, frozenset())
        gone = sorted(names & set(context.dropped))
        if gone:
            return f"the definition of {session.shown(gone[0])} does not fit: {context.dropped[gone[0]]}"
    if _constant_cost(context) and _about_cost(chain, context):
        return f"{session.shown(context.system.cost)} is never defined in the document"
    second = _second_of_open(chain, context)
    if second:
        return f"only the first derivatives of {session.shown(second)} are known"
    part = open_part(session, chain, context)
    if part:
        return f"{session.shown(part)} is never defined in the document"
    for n in chain.walk():
        if (
            isinstance(n, Ref | Array)
            and n.name.startswith("d.")
            and context.system.cost == NO_COST
        ):
            return "no cost is defined that the error could be a derivative of"
        if isinstance(n, Ref | Array) and n.name.startswith("d."):
            cost = context.system.cost
            above = context.upstream.get(cost)
            if above is not None and n.name[2:] not in above | {cost}:
                # its errors would all be 0, and 0 = 0 is no proof of anything
                return (
                    f"{session.shown(cost)} does not depend on {session.shown(n.name[2:])} "
                    "in the definitions of the document"
                )
        if not isinstance(n, Deriv | Grad):
            continue
        by = [r.name for r in n.by.walk() if isinstance(r, Ref | Array)]
        of = {r.name for r in n.of.walk() if isinstance(r, Ref | Array)}
        if not by:
            return "a derivative by something that is not a quantity"
        for name in of:
            if name.startswith("d."):
                continue
            if (
                name not in context.defined
                and name not in context.named
                and name not in by
                and (isinstance(n.of, Ref | Array))
            ):
                return f"{session.shown(name)} is never defined in the document"
        if isinstance(n.of, Call) or (zero and not _is_top(session, of) and _is_read(session, by)):
            continue
        reach = set(of)
        for name in of:
            reach |= context.upstream.get(name, frozenset())
            if name in context.named:
                reach |= reads_of(context.named[name][1])
        if of and not any(b in reach for b in by):
            defined = {d.target for d in session.u.definitions} | set(session.u.errors)
            lost = next((name for name in of if name not in defined), "")
            if lost:
                return f"{session.shown(lost)} is never defined in the document"
            return (
                f"{session.shown(next(iter(of), ''))} does not depend on {session.shown(by[0])} "
                "in the definitions of the document"
            )
    return ""


def _is_top(session: Session, of: set[str]) -> bool:
    """Whether no definition reads any of these: that a cost does not change with a weight may be a gap."""
    return not any(of & session.reads(d) for d in session.u.definitions)


def _is_read(session: Session, by: list[str]) -> bool:
    """Whether definitions read or define what is differentiated by: else it may stand in a function."""
    return all(
        any(b == d.target or b in session.reads(d) for d in session.u.definitions) for b in by
    )


def _second_of_open(chain: Chain, context: Context) -> str:
    """The quantity of which a second derivative is taken, if only its slopes are known; '' if there is none."""
    twice = [n.of.of for n in chain.walk() if isinstance(n, Deriv) and isinstance(n.of, Deriv)]
    names = {r.name for of in twice for r in of.walk() if isinstance(r, Ref | Array)}
    for name in list(names):
        names |= context.upstream.get(name, frozenset())
    for e in context.system.equations:
        parts = (str(getattr(s, "name", "")) for s in e.rhs.free_symbols)
        if e.target in names and any(part.startswith("slope") for part in parts):
            return e.target
    return ""


def _constant_cost(context: Context) -> bool:
    """A cost that depends on nothing: all its derivatives would be 0, and 0 = 0 is no proof."""
    equations = context.system.equations_of.get(context.system.cost, ())
    return bool(equations) and not any(e.rhs.free_symbols for e in equations)


def _about_cost(chain: Chain, context: Context) -> bool:
    cost = context.system.cost
    return chain.relations == ("<-",) or any(
        isinstance(n, Deriv | Grad) and cost in reads_of(n.of) for n in chain.walk()
    )


def unknown_cost(session: Session, chain: Chain, context: Context, verdict: Verdict) -> str:
    """The derivative of a cost that nothing defines said to be a value without it: who can tell?"""
    cost = context.system.cost
    if verdict.kind != "refuted" or cost == NO_COST:
        return ""
    if any(d.target == cost for d in session.u.definitions):
        return ""
    twice = _written_twice(session, context)
    if twice:
        return (
            f"{session.shown(cost)} is never defined in the document, and "
            f"{' and '.join(session.shown(n) for n in twice)} may be one quantity"
        )
    wrong = _wrong_member(chain, verdict)
    step = chain.relations == ("<-",)  # its left side stands for w - eta dC/dw
    knows = [step or _knows(chain.members[0], cost, context), _knows(wrong, cost, context)]
    return (
        ""
        if all(knows) or not any(knows)
        else f"{session.shown(cost)} is never defined in the document"
    )


def _wrong_member(chain: Chain, verdict: Verdict) -> Formula:
    """The first member that is refuted; the last one if none is known."""
    own = [k for k, m in enumerate(verdict.members, start=1) if m.kind == "refuted"]
    return chain.members[own[0]] if own and own[0] < len(chain.members) else chain.members[-1]


def _written_twice(session: Session, context: Context) -> list[str]:
    """Two defined names of one letter that an unknown cost reads: `y_{ij}`, and `y_j` for its columns."""
    names = session.u.resolver.symbols.names
    ends = [n.removeprefix("slope_") for n in context.system.by_name if n.startswith("slope_")]
    stems: dict[str, list[str]] = {}
    for n in ends:
        if n in context.defined and n in names:
            stems.setdefault(n.partition("_ar")[0].rstrip("_"), []).append(n)
    return next((found for found in stems.values() if len(found) > 1), [])


def unknown_inner(session: Session, chain: Chain, context: Context, verdict: Verdict) -> str:
    """A derivative by way of a quantity that nothing defines, said to be a value without it."""
    if verdict.kind != "refuted" or verdict.counterexample is None:
        return ""
    slopes = {n.split("[")[0] for n, _ in verdict.counterexample.values if n.startswith("slope_")}
    if not slopes:
        return ""
    wrong = _wrong_member(chain, verdict)
    by = {r for n in chain.walk() if isinstance(n, Deriv | Grad) for r in reads_of(n.by)}
    for slope in sorted(slopes):
        for inner in sorted(by):
            name = slope.removeprefix("slope_").removesuffix(f"_{inner}")
            if slope != f"slope_{name}_{inner}" or name not in context.system.by_name:
                continue
            through = [_through(m, name, inner, context) for m in (chain.members[0], wrong)]
            if any(through) and not all(through):
                return f"{session.shown(name)} is never defined in the document"
    return ""


def _through(f: Formula, name: str, by: str, context: Context) -> bool:
    """Whether a formula has a derivative by `by` of what depends on `name`, or a name for one."""
    for n in f.walk():
        if isinstance(n, Ref | Array) and (n.name.startswith("d.") or n.name in context.named):
            return True
        if isinstance(n, Deriv | Grad) and by in reads_of(n.by):
            for of in reads_of(n.of):
                if of == name or name in context.upstream.get(of, frozenset()):
                    return True
    return False


def _knows(f: Formula, cost: str, context: Context) -> bool:
    """Whether a formula holds a derivative of the cost, or stands for one that does."""
    for n in f.walk():
        if isinstance(n, Ref | Array) and (n.name.startswith("d.") or n.name in context.named):
            return True
        if isinstance(n, Deriv | Grad) and cost in reads_of(n.of):
            return True
    return False


def other_sample(session: Session, chain: Formula, context: Context) -> str:
    """A name such as `a^{(3,t)}`: a defined quantity with a script that no definition has."""
    bases = {session.letter_of(n) for n in context.defined}
    for name in sorted(reads_of(chain)):
        if "_up_" in name and name not in context.defined and session.letter_of(name) in bases:
            return name
    known = session.once(
        "known",
        session.u,
        lambda: {n for d in session.u.definitions for n in (d.target, *session.reads(d))},
    )
    for name in sorted(reads_of(chain)):
        if session.u.resolver.ranks.get(name) == 2 and name not in known:
            return name
    return ""


def unbound(session: Session, chain: Formula, context: Context) -> str:
    """A name whose definition was of no use, so that nothing is known of it: a free letter, a recursion."""
    for name in sorted(reads_of(chain) - context.defined - set(context.named)):
        said = [d for d in part_at(session, (name,)).definitions if d.target == name]
        letters = [loose_letters(session, d) for d in said]
        if said and all(letters):
            return f"nothing binds the letter {letters[0][0]} in the definition of {session.shown(name)}"
        if any(name in session.reads(d) for d in said) and name not in session.u.errors:
            return f"the recursion of {session.shown(name)} was not understood"
    return ""
