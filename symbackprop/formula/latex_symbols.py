"""LaTeX of written symbols: bases, scripts, function names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from symbackprop.formula import alphabet as abc
from symbackprop.formula.hints import Hints
from symbackprop.formula.scripts import ENTRY, PLAIN_COMMANDS
from symbackprop.formula.tree import Sym

TEX_FUNCTIONS = frozenset(["log", "exp", "tanh", "sin", "cos", "tan", "sinh", "cosh", "max", "min"])
_PLAIN_NAME = re.compile(r"[A-Za-z][0-9]+|d[A-Za-z][0-9]*", re.ASCII)
_SCRIPTED = re.compile(r"([^_^]+)(?:_\{(.*?)\})?(?:\^\{(.*?)\})?", re.DOTALL)


def base_latex(base: str, hints: Hints) -> str:
    """The base of a symbol: `delta`, `V11`, `mathcal L`, `Delta W`, `net`."""
    if base in abc.LETTER_COMMANDS:
        return "\\" + base
    if base in TEX_FUNCTIONS:
        return "\\" + base
    if len(base) == 1:
        return {"1": r"\mathbf{1}", "ℝ": r"\mathbb{R}"}.get(base, base)
    if " " in base:
        first, rest = base.split(" ", 1)
        return f"\\{first} {base_latex(rest, hints)}"
    if "_" not in base and (base in hints.names or _PLAIN_NAME.fullmatch(base)):
        return base
    return rf"\mathrm{{{escaped(base)}}}"


def escaped(text: str) -> str:
    """Text without any power over LaTeX: special characters lose their meaning."""
    return "".join(f"\\{c}" if c in "_#$%&{}" else "" if c in "\\^~" else c for c in text)


def script_latex(tokens: Sequence[str]) -> str:
    """The inside of a script."""
    out = ""
    for token in tokens:
        if token in abc.LETTER_COMMANDS or token in PLAIN_COMMANDS:
            piece = "\\" + token
        elif token.startswith("\\"):
            piece = token
        elif len(token) > 1 and " " in token:
            first, rest = token.split(" ", 1)
            piece = f"\\{first} {rest}"
        elif len(token) > 1 and token.isascii() and token.isalnum() and not token.isdigit():
            piece = rf"\mathrm{{{token}}}"
        elif len(token) > 1 and not token.isdigit():
            piece = rf"\text{{{escaped(token)}}}"
        else:
            piece = token
        if re.search(r"\\[A-Za-z]+$", out) and piece[:1].isalpha():
            out += " "
        out += piece
    return out


def scripted(base: str, sub: Sequence[str], sup: Sequence[str]) -> str:
    """base_{sub}^{sup}, braces only where needed, the subscript first."""
    out = base
    for mark, tokens in (("_", sub), ("^", sup)):
        if tokens:
            inside = script_latex(tokens)
            simple = len(inside) == 1 and inside.isalnum()
            out += mark + (inside if simple else f"{{{inside}}}")
    return out


def symbol_latex(symbol: Sym, hints: Hints, bold: bool = False) -> str:
    """The whole symbol with accent, primes and scripts."""
    if ENTRY in symbol.sub:
        at = symbol.sub.index(ENTRY)
        inner = symbol_latex(replace(symbol, sub=symbol.sub[:at]), hints, bold)
        return scripted(f"({inner})", symbol.sub[at + 1 :], ())
    base = base_latex(symbol.base, hints)
    if bold and len(symbol.base) == 1 and symbol.base != "1":
        base = rf"\mathbf{{{base}}}"
    elif bold and symbol.base in abc.GREEK:
        base = rf"\boldsymbol{{{base}}}"
    if symbol.accent:
        simple = len(base) == 1 or (base.startswith("\\") and base[1:].isalpha())
        base = f"\\{symbol.accent} {base}" if simple else f"\\{symbol.accent}{{{base}}}"
    if symbol.primes and symbol.sup:
        return scripted(base, symbol.sub, (*["prime"] * symbol.primes, *symbol.sup))
    return scripted(base, symbol.sub, symbol.sup) + "'" * symbol.primes


def function_latex(name: str, hints: Hints) -> str:
    """A function's name, with the scripts that the reader put into it (`h_{W , b}`)."""
    if name in TEX_FUNCTIONS:
        return "\\" + name
    accent = ""
    first, _, rest = name.partition(" ")
    if first in abc.ACCENTS and rest:
        accent, name = first, rest
    found = _SCRIPTED.fullmatch(name)
    if found is None:
        return rf"\mathrm{{{escaped(name)}}}"
    base, sub, sup = found.groups()
    primes = len(base) - len(base.rstrip("'"))
    symbol = Sym(
        base.rstrip("'"),
        tuple((sub or "").split()),
        tuple((sup or "").split()),
        primes,
        accent,
    )
    return symbol_latex(symbol, hints)
