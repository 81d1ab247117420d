"""Meant formulas back in the document's own letters, for suggestions."""

from __future__ import annotations

from collections.abc import Callable

from symbackprop.formula.tree import (
    Add,
    Array,
    Chain,
    Deriv,
    Diff,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Ref,
    Sym,
)
from symbackprop.verifying.names.affine import affine_constant, affine_of
from symbackprop.verifying.names.letters import CHANGE, latex_of
from symbackprop.verifying.names.symbols import Symbols


class Rewriter:
    """Knows, for every quantity name, a symbol of the document to take its scripts from."""

    def __init__(
        self,
        symbols: Symbols,
        errors: dict[str, str],
        cost: str,
        shown: Callable[[Formula], Formula] | None = None,
    ) -> None:
        """shown: what is done to the written formula, for letters that were read as something else"""
        self.shown = shown
        self.exact: dict[tuple[str, tuple[object, ...]], Sym] = {}
        self.models: dict[str, tuple[Sym, int]] = {}
        self.errors = {v: k for k, v in errors.items()}
        self.cost = cost
        self.attached = symbols.attached
        for s in symbols.symbols:
            w = symbols.resolve(s)
            key = (w.name, tuple(_place(i) for i in w.indices))
            self.exact.setdefault(key, s)
            known = self.models.get(w.name)
            if known is None or len(w.indices) > known[1]:
                self.models[w.name] = (s, len(w.indices))

    def __call__(self, f: Formula) -> str:
        """The LaTeX of a formula. Never raises for odd names: they are shown as they are."""
        from symbackprop.formula.latex_writer import write

        def change(n: Formula) -> Formula | None:
            if isinstance(n, Ref | Array):
                return self.attach(self.symbol(n))
            return None

        written = f.rewrite(change)
        return write(self.shown(written) if self.shown else written, inline=True)

    def attach(self, f: Formula) -> Formula:
        """`W11` again for W_{11}, where the document writes so."""

        def change(n: Formula) -> Formula | None:
            if not isinstance(n, Sym) or n.base not in self.attached or n.sup or n.accent:
                return None
            digits = bool(n.sub) and all(t.isdigit() for t in n.sub)
            return Sym(n.base + "".join(n.sub), (), (), n.primes) if digits else None

        return f.rewrite(change)

    def symbol(self, n: Ref | Array) -> Formula:
        name = n.name
        if name.endswith(CHANGE):
            return Diff(self.symbol(type(n)(name.removesuffix(CHANGE), n.indices)))
        if name.startswith("d."):
            inner = name[2:]
            if inner in self.errors:
                return self.symbol(type(n)(self.errors[inner], n.indices))
            return Deriv(self.symbol(Ref(self.cost)), self.symbol(type(n)(inner, n.indices)))
        found = self.exact.get((name, tuple(_place(i) for i in n.indices)))
        if found is not None:
            return found
        if name in self.models:
            model, count = self.models[name]
            tokens = [_token(i) for i in n.indices]
            units = len(model.sub) - model.sub.count(",")
            leading = 1 if model.sup and count and len(tokens) > units else 0
            if model.sup and not model.sub:
                leading = len(tokens)
            sup = model.sup
            if leading:
                inside = tuple(t for group in tokens[:leading] for t in group)
                sup = ("(", *inside, ")") if model.sup[:1] == ("(",) else inside
            sub: tuple[str, ...] = ()
            for k, group in enumerate(tokens[leading:]):
                sub += ((",",) if k and (len(group) > 1 or "," in model.sub) else ()) + group
            kept = sub or (model.sub if not n.indices else ())
            return Sym(model.base, kept, sup, model.primes, model.accent)
        return Sym(name, tuple(t for i in n.indices for t in _token(i)))


def _place(i: Formula) -> object:
    """What tells an index from others: a letter and a shift; of `2 t + k` the whole."""
    letter, shift = affine_of(i)
    return i if letter is None and not isinstance(i, Num) else (letter, shift)


def _token(i: Formula) -> tuple[str, ...]:
    letter, shift = affine_of(i)
    if letter is None and isinstance(i, Add) and affine_constant(i) is None:
        return tuple(t for k, x in enumerate(i.terms) for t in _term(x, k == 0))
    if letter is None:
        return (str(shift),)
    if not shift:
        return (letter,)
    return (letter, "+" if shift > 0 else "-", str(abs(shift)))


def _term(f: Formula, first: bool) -> tuple[str, ...]:
    """A term of `2 t + k - 1` with its sign."""
    if isinstance(f, Neg):
        return ("-", *_term(f.body, True))
    factors = f.factors if isinstance(f, Mul) else (f,)
    return (*(() if first else ("+",)), *(t for x in factors for t in _token(x)))


__all__ = ["Chain", "Idx", "Rewriter", "latex_of"]
