"""Where a wrong claim comes from: a definition at fault, or an earlier wrong claim."""

from __future__ import annotations

from collections.abc import Mapping

from symbackprop.formula.tree import Add, Chain, Deriv, Formula, Mul, Num, Ref, mul
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.verifying.charity.readings import readings
from symbackprop.verifying.contexts.asking import ask
from symbackprop.verifying.names.resolve import Unclear
from symbackprop.verifying.names.rewriter import Rewriter
from symbackprop.verifying.results import Finding
from symbackprop.verifying.systems.definition import Definition
from symbackprop.verifying.understanding.statement import Statement
from symbackprop.verifying.verdicts.claims import broken_link, functions_at
from symbackprop.verifying.verdicts.mending import regrouped
from symbackprop.verifying.verdicts.redefinitions import find_redefinition
from symbackprop.verifying.verdicts.roots import Root, find_roots
from symbackprop.verifying.verdicts.verifier import Verifier


def find_origins(verifier: Verifier, found: dict[int, Verdict]) -> None:
    """Definitions whose mending makes several refuted claims true are inconsistent with them."""
    statements = verifier.u.statements

    own = {id(statements[i]): v for i, v in found.items()}

    def again(s: Statement, replaced: dict[int, Definition]) -> Verdict:
        assert s.meant is not None
        functions = functions_at(verifier, s)
        link = broken_link(s.meant, own[id(s)])
        if link != s.meant:  # most definitions mend nothing: the wrong link tells at once
            first = ask(verifier.session, s, link, functions, replaced)[0]
            if first.kind not in ACCEPTED:
                return first
        return ask(verifier.session, s, s.meant, functions, replaced)[0]

    roots, mended = find_roots(statements, found, verifier.u.definitions, again)
    if not roots:
        roots, mended = find_redefinition(verifier, found, again)
    if not roots:
        return
    places = []
    for root in roots:
        i = next(k for k, s in enumerate(statements) if root.definition in s.defines)
        places.append(i)
        mends = ", ".join(verifier.where(k) for k in sorted(root.mends))
        found[i] = Verdict(
            "inconsistent",
            reason=root.said(mends),
            members=found[i].members,
        )
        verifier.codes[i] = "R301"
        verifier.repairs[i] = mended_definition(verifier, statements[i], root)
    origin = " and ".join(verifier.where(i) for i in places)
    for k in mended:
        verifier.origins[k] = origin
    lacks = " / ".join(dict.fromkeys(r.lacks for r in roots))
    verifier.findings.append(
        Finding(
            "R301",
            "root cause",
            tuple(
                (statements[i].piece.file, statements[i].piece.line)
                for i in (*places, *sorted(mended))
            ),
            f"{origin}: {'' if roots[0].whole else 'write '}{lacks}; this mends {len(mended)} equations "
            f"({', '.join(verifier.where(k) for k in sorted(mended))})",
        )
    )


def mended_definition(verifier: Verifier, s: Statement, root: Root) -> str:
    """The definition at fault as it should be written, in its own letters."""
    latex, rhs = s.piece.latex, s.chain.members[-1]
    if root.whole:
        rewriter = Rewriter(verifier.u.resolver.symbols, {}, "")
        return f"{rewriter(Ref(root.mended.target, root.mended.indices))} = {rewriter(root.mended.rhs)}"
    if rhs.span is None:
        return f"with {root.lacks}"
    first = s.chain.members[0].span
    begin = first.start if first is not None else 0
    text = latex[rhs.span.start : rhs.span.end]
    if isinstance(rhs, Add):
        text = f"\\left( {text} \\right)"
    return f"{latex[begin : rhs.span.start]}{root.written} {text}"


def find_inherited(verifier: Verifier, found: Mapping[int, Verdict]) -> None:
    """A wrong claim that follows, by the document's own chain rule, from an earlier wrong one."""
    statements = verifier.u.statements
    wrong: list[tuple[int, Deriv, Chain]] = []
    rules: list[tuple[Deriv, tuple[Formula, ...]]] = []
    for i, s in enumerate(statements):
        if i not in found or s.meant is None or not isinstance(s.meant.members[0], Deriv):
            continue
        head = s.meant.members[0]
        if found[i].kind in ACCEPTED:
            rules += [(head, m.factors) for m in s.meant.members[1:] if isinstance(m, Mul)]
        elif found[i].kind == "refuted":
            wrong.append((i, head, s.chain))
    for k, (i, head, chain) in enumerate(wrong[:40]):
        if i in verifier.origins:
            continue
        for j, earlier, source in wrong[:k]:
            if earlier == head:
                same = same_value(
                    verifier, statements[i], chain.members[-1], source.members[-1], ()
                )
                if same:
                    verifier.origins.setdefault(i, origin_of(verifier, j))
                continue
            for target, factors in rules:
                if target != head or earlier not in factors:
                    continue
                rest = tuple(f for f in factors if f != earlier)
                if same_value(verifier, statements[i], chain.members[-1], source.members[-1], rest):
                    verifier.origins.setdefault(i, origin_of(verifier, j))


def origin_of(verifier: Verifier, j: int) -> str:
    """Where the error of a wrong statement comes from: the first place that has it."""
    return verifier.origins.get(j) or verifier.where(j)


def same_value(
    verifier: Verifier, s: Statement, wrong: Formula, source: Formula, rest: tuple[Formula, ...]
) -> bool:
    """Whether `wrong`, in some reading, is the earlier wrong value times the rest of the chain rule."""
    first = [
        wrong,
        *(r.chain.members[-1] for r in readings(s, verifier.u, Chain((Num("0"), wrong), ("=",)))),
    ]
    second = [
        source,
        *(r.chain.members[-1] for r in readings(s, verifier.u, Chain((Num("0"), source), ("=",)))),
    ]
    for found, f in ((first, wrong), (second, source)):
        other = regrouped(f)
        if other is not None:
            found.insert(1, other)
    for left in first[:3]:
        for right in second[:3]:
            try:
                meant = mul(verifier.u.resolver(right), *rest)
                chain = Chain((verifier.u.resolver(left), meant), ("=",))
            except Unclear:
                continue
            if ask(verifier.session, s, chain, functions_at(verifier, s))[0].kind in (
                "proved",
                "agrees",
            ):
                return True
    return False
