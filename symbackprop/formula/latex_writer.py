r"""The LaTeX writer: `write(formula, style)`; rows and line breaks are in `breaking.py`.

Brackets stand only where the reader needs them; they grow (`\left( … \right)`) only around what is
tall: fractions, big signs, other brackets. Between factors there is a thin nothing, or a dot where
two fractions, a fraction and a long product, or a number would run together.
"""

from __future__ import annotations

from symbackprop.formula.latex_forms import Forms
from symbackprop.formula.latex_symbols import symbol_latex
from symbackprop.formula.pieces import (
    ATOM,
    FACTOR,
    NEGATIVE,
    PRODUCT,
    SUM,
    Written,
)
from symbackprop.formula.scripts import is_index_superscript
from symbackprop.formula.style import Style
from symbackprop.formula.tree import (
    Add,
    Array,
    Bracket,
    Call,
    Cases,
    Chain,
    Deriv,
    Diff,
    Div,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Matrix,
    Mul,
    Neg,
    Norm,
    Num,
    Ones,
    Opaque,
    Pow,
    Prod,
    Ref,
    Sum,
    Sym,
    Transpose,
)

RELATIONS = {
    "=": "=", ":=": ":=", "<": r"\lt", "<=": r"\leq", ">": r"\gt", ">=": r"\geq", "!=": r"\neq",
    "approx": r"\approx", "in": r"\in", "equiv": r"\equiv", "propto": r"\propto", "to": r"\to",
}  # fmt: skip

DEFAULT = Style()


def write(formula: Formula, style: Style = DEFAULT, *, inline: bool = False) -> str:
    """The formula as LaTeX, without delimiters; `inline` writes fractions with a slash."""
    writer = _Writer(style)
    writer.small = int(inline)
    return writer.form(formula).text


def relation_latex(relation: str, style: Style = DEFAULT) -> str:
    """The LaTeX of a Chain's relation."""
    return style.update if relation == "<-" else RELATIONS[relation]


class _Writer(Forms):
    # --- the pieces -----------------------------------------------------------------------------

    def form(self, f: Formula) -> Written:
        match f:
            case Sym():
                return self._symbol(f)
            case Num(text=text):
                return Written(text)
            case Ref() | Array() | Idx():
                return self._named(f)
            case Add():
                return self._add(f)
            case Neg(body=body):
                inner = self.form(body)
                if inner.level <= NEGATIVE:
                    inner = self.bracketed(inner)
                return Written("-" + inner.text, NEGATIVE, inner.tall, inner.greedy)
            case Mul():
                return self._product(f)
            case MatMul(factors=factors):
                return self._tight(factors, " ", PRODUCT)
            case Hadamard(factors=factors):
                return self._tight(factors, f" \\{self.style.hadamard} ", PRODUCT)
            case Div():
                return self._quotient(f)
            case Pow(base=base, exponent=exponent):
                return self._power(base, exponent)
            case Call():
                return self._call(f)
            case Sum() | Prod():
                return self._big(f)
            case Deriv():
                return self._derivative(f)
            case Grad(of=of, by=by):
                return self._gradient(of, by)
            case Diff(body=body, total=total):
                sign = r"\mathrm{d}" if total else r"\partial "
                return Written(sign + self.factor(body).text, FACTOR)
            case Transpose(body=body):
                return self._transpose(body)
            case _:
                return self._rare(f)

    def _rare(self, f: Formula) -> Written:
        match f:
            case Norm(body=body):
                inner = self.form(body)
                left, right = (r"\left", r"\right") if inner.tall else ("", "")
                return Written(rf"{left}\lVert {inner.text} {right}\rVert", ATOM, True)
            case Bracket(condition=condition):
                return self._bracket(condition)
            case Matrix(rows=rows):
                return self._matrix(rows)
            case Cases(rows=rows):
                lines = [
                    self.form(value).text
                    + " & "
                    + (self.style.otherwise if when is None else self.form(when).text)
                    for value, when in rows
                ]
                stack = " \\\\\n".join(lines)
                return Written(rf"\begin{{cases}} {stack} \end{{cases}}", ATOM, True)
            case Ones():
                return Written(r"\mathbf{1}")
            case Chain(members=members, relations=relations):
                text = self.form(members[0]).text
                for relation, member in zip(relations, members[1:], strict=True):
                    text += f" {relation_latex(relation, self.style)} {self.form(member).text}"
                return Written(text.lstrip(), SUM)
            case Opaque(text=text):
                return Written(text, SUM)
        raise TypeError(f"no LaTeX for {type(f).__name__}")

    # --- names ----------------------------------------------------------------------------------

    def _symbol(self, f: Sym) -> Written:
        bold = self.style.bold and self.style.hints.array(f)
        return Written(symbol_latex(f, self.style.hints, bold))

    def _named(self, f: Ref | Array | Idx) -> Written:
        found = self.style.symbol(f)
        if isinstance(found, str):
            return Written(found)
        if isinstance(found, Sym):
            bold = self.style.bold and isinstance(f, Array)
            return Written(symbol_latex(found, self.style.hints, bold))
        if isinstance(found, Ref | Array | Idx):
            raise TypeError("a style must name a quantity by a symbol, not by a quantity")
        return self.form(found)

    # --- sums and products ------------------------------------------------------------------------

    def _add(self, f: Add) -> Written:
        text, tall, greedy = "", False, False
        for i, term in enumerate(f.terms):
            negative = i > 0 and isinstance(term, Neg)
            body = term.body if negative and isinstance(term, Neg) else term
            inner = self.form(body)
            if inner.level == SUM or (i and inner.level <= NEGATIVE):
                inner = self.bracketed(inner)
            text += (" - " if negative else " + ") * (i > 0) + inner.text
            tall, greedy = tall or inner.tall, inner.greedy
        return Written(text, SUM, tall, greedy)

    def _product(self, f: Mul) -> Written:
        text, tall = "", False
        count = len(f.factors)
        previous: Formula | None = None
        inner = Written("")
        for i, factor in enumerate(f.factors):
            last = i == count - 1
            inner = self.form(factor)
            nested = isinstance(factor, Mul) and not (inner.greedy and not last)
            matrix = isinstance(factor, MatMul) and last
            bare = _is_bare_log(factor, inner) and not last
            if bare:
                inner = self.call_text(factor, brackets=True)  # type: ignore[arg-type]
            if (inner.level < FACTOR and not nested and not matrix) or (inner.greedy and not last):
                inner = self.bracketed(inner)
            if previous is not None:
                written = f.signs[i - 1] if len(f.signs) == count - 1 else ""
                text += self._between(previous, factor, text, inner, written)
            text += inner.text
            tall = tall or inner.tall
            previous = factor
        return Written(text, PRODUCT, tall, inner.greedy)

    def _between(
        self, left: Formula, right: Formula, before: str, after: Written, written: str
    ) -> str:
        """What stands between two factors."""
        if self.style.product:
            return f" {'*' if self.style.product == '*' else chr(92) + self.style.product} "
        left, right = self.meaning(left), self.meaning(right)
        dot = (
            written in ("cdot", "times", "*")
            or isinstance(left, Mul)
            or isinstance(right, Mul | Neg)
            or after.text[:1].isdigit()
            or (isinstance(left, Div) and isinstance(right, Div))
            or (isinstance(left, Div) and _long(left))
            or (isinstance(right, Div) and (_long(right) or isinstance(left, Add)))
            or (isinstance(left, Sym) and self._would_apply(left, after.text, right))
            or (isinstance(left, Deriv) and left.operator)
        )
        return r" \cdot " if dot else " "

    def _would_apply(self, left: Sym, after: str, right: Formula) -> bool:
        """Whether a reader would take what follows for the symbol's argument."""
        if left.base in self.style.hints.prefixes and not (left.sub or left.sup):
            return True
        if self.style.hints.is_function(left.base):
            return after.startswith(("(", r"\left(")) or not (left.sub or left.sup or left.primes)
        return isinstance(right, Call) and right.name == "tuple"

    def _tight(self, factors: tuple[Formula, ...], sign: str, level: int) -> Written:
        pieces = [self.factor(f, last=i == len(factors) - 1) for i, f in enumerate(factors)]
        text = pieces[0].text
        for i, piece in enumerate(pieces[1:], 1):
            left = self.meaning(factors[i - 1])
            dot = (
                sign == " "
                and isinstance(left, Sym)
                and self._would_apply(left, piece.text, self.meaning(factors[i]))
            )
            text += (r" \cdot " if dot else sign) + piece.text
        return Written(text, level, any(p.tall for p in pieces), pieces[-1].greedy)

    def _quotient(self, f: Div) -> Written:
        if not (f.inline or self.small or self.style.fraction == "slash"):
            num, den = self.form(f.num), self.form(f.den).text
            if num.text.startswith("d") and den.startswith("d"):
                num = self.bracketed(num)  # two names that begin with d are no derivative
            return Written(rf"\frac{{{num.text}}}{{{den}}}", FACTOR, True)
        above, below = self.factor(f.num), self.factor(f.den)
        if isinstance(f.num, Call) or above.greedy:
            above = self.bracketed(self.form(f.num)) if above.greedy else above
        if isinstance(f.den, Div | Call) or below.greedy:
            below = self.bracketed(self.form(f.den))
        return Written(f"{above.text} / {below.text}", PRODUCT, above.tall or below.tall)

    def _power(self, base: Formula, exponent: Formula) -> Written:
        meant = self.meaning(base)
        inner = self.form(base)
        script = self.script(exponent)
        plain = inner.level == ATOM and isinstance(meant, Sym | Num | Norm)
        if isinstance(meant, Sym):
            tokens = tuple(script.strip("{}"))
            plain = plain and not (
                meant.sup
                or meant.primes
                or meant.base in ("e", "1")
                or is_index_superscript(meant.base, tokens, self.style.hints)
                or script.strip("{}") in ("T", "*")
                or not isinstance(exponent, Num | Neg)
            )
            plain = plain or (
                meant.base == "p" and not (meant.sub or meant.sup) and isinstance(exponent, Num)
            )
        applied = isinstance(base, Call) and self._call_is_round(base)
        if not (plain or applied):
            inner = self.bracketed(inner)
        raised = isinstance(meant, Sym) and bool(meant.sub)
        return Written(f"{inner.text}^{script}", FACTOR, inner.tall or raised)

    def _call_is_round(self, call: Call) -> bool:
        return call.name not in ("exp", "log", "sqrt", "abs", "nabla", "max", "min")

    # --- arrays and brackets ----------------------------------------------------------------------

    def _transpose(self, body: Formula) -> Written:
        meant = self.meaning(body)
        inner = self.form(body)
        plain = isinstance(meant, Sym) and not (meant.sup or meant.primes)
        if not (plain or isinstance(meant, Ones)):
            inner = self.bracketed(inner)
        script = self.style.transpose
        script = script if len(script) == 1 else f"{{{script}}}"
        return Written(f"{inner.text}^{script}", ATOM, not plain)

    def _bracket(self, condition: Formula) -> Written:
        if isinstance(condition, Chain) and self.style.kronecker == "delta":
            names = [self.form(m).text for m in condition.members]
            if condition.relations == ("=",):
                simple = all(len(n) == 1 for n in names)
                return Written(rf"\delta_{{{('' if simple else ',').join(names)}}}")
        inside = self.form(condition).text
        if self.style.kronecker == "indicator":
            return Written(rf"\mathbf{{1}}_{{{inside}}}")
        return Written(f"[{inside}]")

    def _matrix(self, rows: tuple[tuple[Formula, ...], ...]) -> Written:
        self.small += 1
        body = " \\\\\n".join(" & ".join(self.form(c).text for c in row) for row in rows)
        self.small -= 1
        return Written(rf"\begin{{pmatrix}} {body} \end{{pmatrix}}", ATOM, True)


def _is_bare_log(f: Formula, inner: Written) -> bool:
    return isinstance(f, Call) and f.name == "log" and not inner.text.endswith(")")


def _long(f: Div) -> bool:
    """Whether a fraction holds more than single names: then a dot sets it off."""
    return any(isinstance(half, Add | Mul | Hadamard | MatMul | Sum) for half in (f.num, f.den))
