"""LaTeX of applied functions, big signs and derivatives."""

from __future__ import annotations

from symbackprop.formula import alphabet as abc
from symbackprop.formula.latex_symbols import function_latex
from symbackprop.formula.pieces import ATOM, FACTOR, PRODUCT, SUM, Pieces, Written
from symbackprop.formula.tree import (
    Array,
    Call,
    Cases,
    Deriv,
    Formula,
    Idx,
    Matrix,
    Norm,
    Num,
    Prod,
    Ref,
    Sum,
    Sym,
)


class Forms(Pieces):
    """The part of the writer for nodes with a shape of their own."""

    # --- functions --------------------------------------------------------------------------------

    def _call(self, f: Call) -> Written:
        return self.call_text(f, brackets=False)

    def call_text(self, f: Call, brackets: bool) -> Written:
        args = [self.form(a) for a in f.args]
        listing = ", ".join(a.text for a in args)
        if 0 < f.semicolon < len(args):
            parts = args[: f.semicolon], args[f.semicolon :]
            listing = "; ".join(", ".join(a.text for a in part) for part in parts)
        tall = any(a.tall for a in args)
        if f.name == "sequence":
            return Written(listing, SUM, tall)
        if f.name in ("tuple", "list", "set", "interval"):
            left, right = {"list": "[]", "set": (r"\lbrace ", r" \rbrace")}.get(f.name, "()")
            return Written(f"{left}{listing}{right}", ATOM, tall)
        if not f.primes and len(args) == 1:
            if f.name == "exp" and self.style.exponential == "e" and not self._stands(f.args[0]):
                return Written(f"e^{self.script(f.args[0])}", FACTOR)
            if f.name == "sqrt":
                return Written(rf"\sqrt{{{listing}}}", ATOM, True)
            if f.name == "abs":
                return Written(rf"\lvert {listing} \rvert", ATOM, tall)
            if f.name == "nabla":
                return Written(rf"\nabla {self.factor(f.args[0]).text}", FACTOR)
        name = self._function(f.name) + "'" * f.primes
        if f.name == "log" and not brackets and not f.primes and len(args) == 1:
            if isinstance(self.meaning(f.args[0]), Sym):
                return Written(f"{name} {listing}", FACTOR)
            name += " "
        if f.name in ("log", "exp") and brackets and not name.endswith(" "):
            name += " "
        simple = all(isinstance(a, Sym | Ref | Array | Num | Idx) for a in f.args)
        if tall:
            return Written(rf"{name.rstrip()}\left( {listing} \right)", FACTOR, True)
        return Written(f"{name}({listing})", FACTOR, not simple)

    def _stands(self, f: Formula) -> bool:
        """Whether something in the exponent is too tall to be raised."""
        return any(isinstance(n, Sum | Prod | Deriv | Matrix | Cases | Norm) for n in f.walk())

    def _function(self, name: str) -> str:
        if name in abc.BUILTINS.values():
            return function_latex(name, self.style.hints)
        found = self.style.symbol(name)
        if isinstance(found, str):
            return found
        if isinstance(found, Sym) and found == Sym(name):
            return function_latex(name, self.style.hints)
        return self.form(found).text

    # --- big signs and derivatives ----------------------------------------------------------------

    def _big(self, f: Sum | Prod) -> Written:
        text = r"\sum" if isinstance(f, Sum) else r"\prod"
        index = self.form(f.index).text if f.index.name else ""
        if f.lower is not None:
            text += f"_{{{index}={self.form(f.lower).text}}}"
        elif index:
            text += f"_{index}" if len(index) == 1 else f"_{{{index}}}"
        if f.upper is not None:
            upper = self.form(f.upper).text
            text += f"^{{{upper}}}"
        body = self.form(f.body)
        if body.level < PRODUCT:
            body = self.bracketed(body)
        return Written(
            f"{text} {body.text}", PRODUCT if body.level < FACTOR else FACTOR, True, True
        )

    def _derivative(self, f: Deriv) -> Written:
        d = r"\mathrm{d}" if f.total else r"\partial "
        by = self.form(f.by)
        below = by.text if by.level == ATOM else self.bracketed(by).text
        operator = f.operator or self.style.derivative == "operator" or isinstance(f.of, Deriv)
        if operator:
            of = self.form(f.of)
            single = (
                isinstance(self.meaning(f.of), Sym | Call | Deriv | Norm) and of.level >= FACTOR
            )
            if not single:
                of = self.bracketed(of)
            sign = rf"\frac{{{d.strip()}}}{{{d}{below}}}"
            return Written(f"{sign} {of.text}", FACTOR, True, single)
        of = self.form(f.of)
        if of.level < FACTOR or of.greedy:
            of = self.bracketed(of)
        if self.small:
            return Written(f"{d}{of.text} / {d}{below}", PRODUCT)
        return Written(rf"\frac{{{d}{of.text}}}{{{d}{below}}}", FACTOR, True)

    def _gradient(self, of: Formula, by: Formula) -> Written:
        below = self.form(by).text
        script = below if len(below) == 1 else f"{{{below}}}"
        return Written(rf"\nabla_{script} {self.factor(of, last=False).text}", FACTOR)
