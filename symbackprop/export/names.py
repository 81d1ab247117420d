"""Identifiers of generated code, made from names that strangers wrote.

A name of a spec never reaches code as it is: other characters than ASCII letters, digits and `_` are
spelled out, keywords and names that the module itself uses get an underscore, equal results are
numbered.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable

from symbackprop.errors import UnsupportedForm, printable

C_WORDS = frozenset(
    [
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "main",
        "NULL",
        "size_t",
        "exp",
        "log",
        "tanh",
        "sinh",
        "cosh",
        "sin",
        "cos",
        "tan",
        "atan",
        "sqrt",
        "fabs",
        "pow",
        "fmax",
        "fmin",
        "log1p",
        "expm1",
        "y0",
        "y1",
        "yn",
        "j0",
        "j1",
        "jn",
        "gamma",
        "lgamma",
        "signgam",
        "real",
        "printf",
        "fprintf",
        "malloc",
        "free",
        "abs",
        "index",
        "isnan",
        "isinf",
        "div",
        "erf",
        "near",
        "far",
        "huge",
        "asm",
        "typeof",
        "bool",
        "true",
        "false",
        "complex",
        "I",
    ]
)
PYTHON_WORDS = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | frozenset(dir(builtins))

LONGEST = 60


class Names:
    """One identifier for each name, the same every time it is asked for."""

    def __init__(self, reserved: Iterable[str], c: bool = False) -> None:
        self._taken = set(reserved) | (C_WORDS if c else PYTHON_WORDS)
        self._of: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._of:
            self._of[name] = self.fresh(identifier(name))
        return self._of[name]

    def fresh(self, wanted: str) -> str:
        """`wanted`, or with underscores behind it if it is taken."""
        while wanted in self._taken:
            wanted += "_"
        self._taken.add(wanted)
        return wanted

    def release(self, taken: str) -> None:
        """A loop variable whose scope has ended may be used again."""
        self._taken.discard(taken)

    def copy(self) -> Names:
        """The same identifiers so far, for one function of its own."""
        other = Names(())
        other._taken = set(self._taken)
        other._of = dict(self._of)
        return other


def identifier(name: str) -> str:
    """ASCII letters, digits and underscores only; `d.z1` becomes `d_z1`."""
    if len(name) > LONGEST:
        raise UnsupportedForm(
            f"the name {printable(name)} is too long for code: at most {LONGEST} characters"
        )
    text = "".join(
        c if c.isascii() and (c.isalnum() or c == "_") else "_" if c == "." else f"u{ord(c):04x}"
        for c in name
    )
    if not text or text[0].isdigit() or text.startswith("__"):
        text = "v" + text
    return text
