"""Indices, layers and names."""

from __future__ import annotations

from dataclasses import replace

from symbackprop.formula import tree as t
from symbackprop.judging.repairs.setting import Formulas, Setting, places
from symbackprop.system.model import ADJOINT


def indices(f: t.Formula, s: Setting) -> Formulas:
    """Swapped indices, or one index for another."""

    def change(n: t.Formula) -> Formulas:
        if isinstance(n, t.Ref) and n.indices:
            for i in range(len(n.indices)):
                for k in range(i):
                    new = list(n.indices)
                    new[i], new[k] = new[k], new[i]
                    if tuple(new) != n.indices:
                        yield replace(n, indices=tuple(new))
                if not isinstance(n.indices[i], t.Add):
                    for x in (*s.letters, *_bound(f)):
                        if x != n.indices[i]:
                            yield replace(n, indices=(*n.indices[:i], x, *n.indices[i + 1 :]))

    yield from places(f, change)


def _bound(f: t.Formula) -> list[t.Formula]:
    return list(dict.fromkeys(n.index for n in f.walk() if isinstance(n, t.Sum | t.Prod)))


def layer(f: t.Formula, s: Setting) -> Formulas:
    """l for l+1, l-1 or L; times likewise."""
    depths = [
        t.Idx(str(a.upper))
        for q in s.system.quantities
        for a in q.axes
        if a.kind in ("layer", "time") and a.upper.is_Symbol
    ]

    def change(n: t.Formula) -> Formulas:
        if not isinstance(n, t.Ref | t.Array):
            return
        q = s.system.by_name.get(n.name.removeprefix(ADJOINT))
        for k, (axis, i) in enumerate(zip(q.axes if q else (), n.indices, strict=False)):
            if axis.kind not in ("layer", "time"):
                continue
            base = i.terms[0] if isinstance(i, t.Add) else i
            if isinstance(base, t.Num):
                value = int(base.value)
                options: list[t.Formula] = [t.Num(str(v)) for v in (value - 1, value + 1) if v >= 0]
            else:
                options = [base, t.add(base, t.ONE), t.sub(base, t.ONE), *depths[:1]]
            for new in options:
                if new != i:
                    yield replace(n, indices=(*n.indices[:k], new, *n.indices[k + 1 :]))

    yield from places(f, change)
    for step in (t.ONE, t.Neg(t.ONE)):
        yield f.rewrite(lambda n, step=step: _shifted(n, step, s))  # type: ignore[misc]


def _shifted(n: t.Formula, step: t.Formula, s: Setting) -> t.Formula | None:
    """Every layer index of the formula moved by one."""
    if not isinstance(n, t.Ref | t.Array):
        return None
    q = s.system.by_name.get(n.name.removeprefix(ADJOINT))
    for k, axis in enumerate(q.axes if q else ()):
        if axis.kind in ("layer", "time") and k < len(n.indices):
            moved = t.add(n.indices[k], step)
            return replace(n, indices=(*n.indices[:k], moved, *n.indices[k + 1 :]))
    return None


def name(f: t.Formula, s: Setting) -> Formulas:
    """Another quantity with as many indices: z for a, delta for sigma, W1 for W2."""
    shapes = {q.name: len(q.axes) for q in s.system.quantities}

    def change(n: t.Formula) -> Formulas:
        if not isinstance(n, t.Ref | t.Array):
            return
        bare = n.name.removeprefix(ADJOINT)
        if bare not in shapes:
            options = [q for q, k in shapes.items() if k >= len(n.indices)]
        else:
            options = [q for q, k in shapes.items() if k == shapes[bare]]
        for other in options:
            for new in (other, ADJOINT + other):
                if new != n.name and not (new.startswith(ADJOINT) and other == s.system.cost):
                    yield replace(n, name=new)

    yield from places(f, change)


def partial(f: t.Formula, s: Setting) -> Formulas:
    """A missing partial sign: v for dJ/dv (on the left side), or a quotient for a derivative."""
    if isinstance(f, t.Ref | t.Array) and not f.name.startswith(ADJOINT):
        yield replace(f, name=ADJOINT + f.name)
    if isinstance(f, t.Div) and isinstance(f.den, t.Ref) and isinstance(f.num, t.Ref):
        yield t.Deriv(f.num, f.den)
