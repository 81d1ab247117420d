"""Equations as one line of ASCII, for comments in generated code.

Names come from specs of strangers: everything is escaped to printable ASCII without line ends, and
comment delimiters of the targets are broken up.
"""

from __future__ import annotations

import sympy as sp

LONGEST = 160

_PRIMITIVES = {"logistic_": "sigmoid", "softplus_": "softplus", "Max": "max", "Abs": "abs"}


def is_largest(expr: sp.Basic) -> bool:
    """Whether the expression is `largest_(u, r, lower, upper)`, the maximum over r."""
    return isinstance(expr, sp.Function) and expr.func.__name__ == "largest_"


def plain(expr: sp.Expr) -> str:
    """The expression in the equation language of this package: `sum(k, W1[j,k]*x[k]) + b1[j]`."""
    return _written(expr, 0)


def safe(text: str, longest: int = LONGEST) -> str:
    """ASCII without control characters or comment ends, cut at `longest`."""
    ascii_text = "".join(c if 32 <= ord(c) < 127 else f"<U+{ord(c):04X}>" for c in text)
    for bad, good in (
        ("*/", "* /"),
        ("/*", "/ *"),
        ("\\", "<backslash>"),
        ("??", "? ?"),
        ('"""', "'''"),
    ):
        while bad in ascii_text:
            ascii_text = ascii_text.replace(bad, good)
    return ascii_text if len(ascii_text) <= longest else ascii_text[: longest - 3] + "..."


# Binding strengths: 0 sum, 1 product, 2 power, 3 atom.
def _written(expr: sp.Expr, strength: int) -> str:
    text, own = _node(expr)
    return f"({text})" if own < strength else text


def _node(expr: sp.Expr) -> tuple[str, int]:
    if isinstance(expr, sp.Indexed):
        return f"{expr.base.label}[{','.join(_written(i, 0) for i in expr.indices)}]", 3
    if isinstance(expr, sp.Symbol):
        return expr.name, 3
    if isinstance(expr, sp.Rational):
        if expr.q == 1:
            return str(expr.p), 3 if expr.p >= 0 else 0
        return f"{expr.p}/{expr.q}", 1 if expr.p >= 0 else 0
    if expr.is_Add:
        return _sum_of_terms(expr), 0
    if expr.is_Mul:
        return _product(expr)
    if isinstance(expr, sp.Pow):
        if expr.exp.is_Rational and expr.exp < 0:
            return f"1/{_written(1 / expr, 2)}", 1
        return f"{_written(expr.base, 3)}^{_written(expr.exp, 3)}", 2
    if isinstance(expr, sp.Sum):
        letters = ",".join(str(limit[0]) for limit in reversed(expr.limits))
        return f"sum({letters}, {_written(expr.function, 0)})", 3
    if isinstance(expr, sp.Piecewise):
        rows = [
            _written(v, 0) + (" otherwise" if c == sp.true else f" if {_written(c, 0)}")
            for v, c in expr.args
        ]
        return f"cases({'; '.join(rows)})", 3
    if isinstance(expr, sp.core.relational.Relational):
        return f"{_written(expr.lhs, 0)} {expr.rel_op} {_written(expr.rhs, 0)}", 0
    if isinstance(expr, sp.And):
        return " and ".join(_written(a, 0) for a in sorted(expr.args, key=str)), 0
    if is_largest(expr):
        return f"max({expr.args[1]}, {_written(expr.args[0], 0)})", 3
    if expr.args:
        name = _PRIMITIVES.get(expr.func.__name__, expr.func.__name__)
        return f"{name}({', '.join(_written(a, 0) for a in expr.args)})", 3
    return str(expr), 3


def _sum_of_terms(expr: sp.Expr) -> str:
    terms = sorted(expr.args, key=lambda t: (t.could_extract_minus_sign(), not t.has(sp.Sum)))
    text = _written(terms[0], 1)
    for term in terms[1:]:
        if term.could_extract_minus_sign():
            text += f" - {_written(-term, 1)}"
        else:
            text += f" + {_written(term, 1)}"
    return text


def _product(expr: sp.Expr) -> tuple[str, int]:
    if expr.could_extract_minus_sign():
        return f"-{_written(-expr, 1)}", 0
    top, bottom = sp.fraction(expr) if not expr.has(sp.exp) else (expr, sp.S.One)
    if bottom != 1:
        return f"{_written(top, 1)}/{_written(bottom, 2)}", 1
    factors = sorted(expr.args, key=lambda f: (not f.is_number, "d." not in str(f)))
    return "*".join(_written(f, 1 if not f.is_Add else 2) for f in factors), 1
