"""Plain text for terminals: `dJ/dw[2,1] = (a - y)*x`."""

from __future__ import annotations

from symbackprop.formula import tree as t

SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(5)

RELATIONS = {"approx": "~", "in": "in", "equiv": "==", "propto": "~", "to": "->"}
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "lambda": "λ", "mu": "μ", "sigma": "σ", "phi": "φ", "tau": "τ", "Delta": "Δ",
    "partial": "∂", "rho": "ρ", "pi": "π", "omega": "ω", "psi": "ψ",
}  # fmt: skip


def write_text(formula: t.Formula, *, unicode: bool = False) -> str:
    """The formula in one line of plain text (ASCII unless `unicode`), for people to read."""
    return _Text(unicode).form(formula)[0]


class _Text:
    def __init__(self, unicode: bool) -> None:
        self.unicode = unicode

    def name(self, base: str) -> str:
        return GREEK.get(base, base) if self.unicode else base

    def at(self, f: t.Formula, level: int) -> str:
        """The text of f, in brackets if it binds looser than `level`."""
        text, found = self.form(f)
        return text if found >= level else f"({text})"

    def form(self, f: t.Formula) -> tuple[str, int]:
        match f:
            case t.Num(text=text):
                return text, ATOM
            case t.Idx(name=name):
                return self.name(name), ATOM
            case t.Sym():
                return self._symbol(f), ATOM
            case t.Ref(name=name, indices=indices) | t.Array(name=name, indices=indices):
                base = self.name(name)
                if name.startswith("d."):
                    base = f"dJ/d{self.name(name[2:])}"
                listing = ",".join(self.form(i)[0].replace(" ", "") for i in indices)
                return (f"{base}[{listing}]" if indices else base), ATOM
            case t.Add(terms=terms):
                text = self.at(terms[0], NEGATIVE)
                for term in terms[1:]:
                    negative = isinstance(term, t.Neg)
                    body = term.body if isinstance(term, t.Neg) else term
                    text += (" - " if negative else " + ") + self.at(body, PRODUCT)
                return text, SUM
            case t.Neg(body=body):
                return "-" + self.at(body, PRODUCT), NEGATIVE
            case t.Mul(factors=factors):
                return self._joined("*", factors), PRODUCT
            case t.MatMul(factors=factors):
                return self._joined(" @ ", factors), PRODUCT
            case t.Hadamard(factors=factors):
                return " (*) ".join(self.at(f, POWER) for f in factors), PRODUCT
            case t.Div(num=num, den=den):
                return f"{self.at(num, PRODUCT)}/{self.at(den, POWER)}", PRODUCT
            case t.Pow(base=base, exponent=exponent):
                return f"{self.at(base, ATOM)}^{self.at(exponent, ATOM)}", POWER
            case t.Call(name=name, args=args, primes=primes):
                listing = ", ".join(self.form(a)[0] for a in args)
                return f"{self.name(name)}{chr(39) * primes}({listing})", ATOM
            case t.Sum() | t.Prod():
                return self._big(f), ATOM
            case t.Deriv(of=of, by=by):
                return f"d{self.at(of, ATOM)}/d{self.at(by, ATOM)}", PRODUCT
            case t.Diff(body=body):
                return f"d{self.at(body, ATOM)}", ATOM
            case t.Grad(of=of, by=by):
                return f"grad[{self.form(by)[0]}] {self.at(of, ATOM)}", POWER
            case t.Transpose(body=body):
                return f"{self.at(body, ATOM)}^T", POWER
            case t.Norm(body=body):
                return f"||{self.form(body)[0]}||", ATOM
            case t.Bracket(condition=condition):
                return f"[{self.form(condition)[0]}]", ATOM
            case _:
                return self._rare(f)

    def _rare(self, f: t.Formula) -> tuple[str, int]:
        match f:
            case t.Cases(rows=rows):
                parts = [
                    f"{self.form(v)[0]} if {self.form(c)[0]}" if c else f"{self.form(v)[0]} else"
                    for v, c in rows
                ]
                return "{" + "; ".join(parts) + "}", ATOM
            case t.Matrix(rows=rows):
                lines = [", ".join(self.form(c)[0] for c in row) for row in rows]
                return "[" + "; ".join(lines) + "]", ATOM
            case t.Ones(size=size):
                return f"ones({self.form(size)[0]})", ATOM
            case t.Chain(members=members, relations=relations):
                text = self.form(members[0])[0]
                for relation, member in zip(relations, members[1:], strict=True):
                    text += f" {RELATIONS.get(relation, relation)} {self.form(member)[0]}"
                return text, SUM
            case t.Opaque(text=text):
                return f"<{text}>", ATOM
        raise TypeError(f"no text for {type(f).__name__}")

    def _joined(self, sign: str, factors: tuple[t.Formula, ...]) -> str:
        parts = [
            self.at(f, PRODUCT if i == 0 and not isinstance(f, t.Mul) else POWER)
            for i, f in enumerate(factors)
        ]
        return sign.join(parts)

    def _symbol(self, f: t.Sym) -> str:
        text = self.name(f.base) + (f"~{f.accent}" if f.accent else "")
        if f.sub:
            text += "_" + "".join(self.name(x) for x in f.sub)
        if f.sup:
            text += "^" + "".join(self.name(x) for x in f.sup)
        return text + "'" * f.primes

    def _big(self, f: t.Sum | t.Prod) -> str:
        head = "sum" if isinstance(f, t.Sum) else "prod"
        bounds = f.index.name
        if f.lower is not None and f.upper is not None:
            bounds += f"={self.form(f.lower)[0]}..{self.form(f.upper)[0]}"
        return f"{head}({bounds}, {self.form(f.body)[0]})"
