"""How wide printed LaTeX will be, in em: an estimate from a small table, for the line breaker.

The figures are those of Computer Modern, rounded up; spaces around signs are included.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}^_&]|\s+|[0-9]|.", re.DOTALL)

COMMANDS = {
    "cdot": 0.72, "times": 1.22, "odot": 1.22, "bullet": 0.95, "circ": 0.95, "leftarrow": 1.56,
    "to": 1.56, "leq": 1.34, "geq": 1.34, "lt": 1.34, "gt": 1.34, "neq": 1.34, "approx": 1.34,
    "equiv": 1.34, "propto": 1.34, "in": 1.23, "partial": 0.58, "nabla": 0.84, "sum": 1.61,
    "prod": 1.45, "log": 1.45, "exp": 1.7, "tanh": 2.4, "max": 2.0, "min": 1.8, "sin": 1.4,
    "cos": 1.5, "quad": 1.0, "qquad": 2.0, "lVert": 0.5, "rVert": 0.5, "lvert": 0.28,
    "rvert": 0.28, "lbrace": 0.5, "rbrace": 0.5, "ldots": 1.2, "cdots": 1.2, "mathbf": 0.06,
    "blacksquare": 0.9,
}  # fmt: skip
SILENT = frozenset(
    {"bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr"}
    | {"mathrm", "text", "hat", "bar", "tilde", "vec"}
    | {"mathcal", "mathbb", "boldsymbol"}
)
CHARACTERS = {
    "=": 1.34, "+": 1.23, "-": 1.23, "<": 1.34, ">": 1.34, "(": 0.42, ")": 0.42, "[": 0.3,
    "]": 0.3, ",": 0.45, ";": 0.45, ".": 0.28, "/": 0.5, "'": 0.3, "*": 0.95, "|": 0.28, "&": 0.0, ":": 0.6,
}  # fmt: skip
SCRIPT, INNER_SCRIPT, BAR = 0.72, 0.86, 0.26
CAPITALS = {"M": 1.08, "W": 1.08, "N": 0.9, "H": 0.9, "O": 0.78, "I": 0.52, "J": 0.65}
SMALL = {"m": 0.88, "w": 0.74, "i": 0.35, "j": 0.44, "l": 0.32, "r": 0.48, "t": 0.37, "f": 0.6}
COLUMN = 1.0
"""Space between the columns of a matrix."""


@lru_cache(maxsize=4096)
def width(latex: str) -> float:
    """The width in em of one row of display mathematics."""
    return 1.03 * _Measure(latex).run()


class _Measure:
    def __init__(self, latex: str) -> None:
        self.tokens = _TOKEN.findall(latex)
        self.at = 0
        self.depth = 0
        self.level = 0  # scripts around the place

    def run(self) -> float:
        total = 0.0
        while self.at < len(self.tokens):
            total += self.one()
        return total

    def one(self) -> float:
        """The width of the next token or group."""
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            return self.group()
        if token in ("^", "_"):
            return self.scripts(token)
        if token.startswith("\\") and len(token) > 1:
            return self.command(token[1:])
        if token.isspace() or token == "}":
            return 0.0
        if token in CHARACTERS:
            return CHARACTERS[token]
        if token.isdigit():
            return 0.5
        if not token.isascii():
            return 1.0
        return CAPITALS.get(token, 0.74) if token.isupper() else SMALL.get(token, 0.53)

    def group(self) -> float:
        total = 0.0
        self.depth += 1
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            total += self.one() if self.depth < 60 else self.flat()
        self.depth -= 1
        self.at += 1
        return total

    def flat(self) -> float:
        self.at += 1
        return 0.5

    def argument(self) -> float:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.one() if self.at < len(self.tokens) else 0.0

    def scripts(self, first: str) -> float:
        """Scripts stand above one another: the wider one counts."""
        scale = SCRIPT if self.level == 0 else INNER_SCRIPT
        self.level += 1
        inside = self.tight()
        if self.at < len(self.tokens) and self.tokens[self.at] in ("^", "_"):
            self.at += 1
            inside = max(inside, self.tight())
        self.level -= 1
        return scale * inside + 0.06

    def tight(self) -> float:
        """A script's contents: signs in it have no space around them."""
        start = self.at
        full = self.argument()
        signs = sum(1 for t in self.tokens[start : self.at] if t in ("+", "-", "="))
        return max(0.3, full - 0.45 * signs)

    def command(self, name: str) -> float:
        if name == "frac":
            above = self.argument()
            return max(above, self.argument()) + BAR
        if name in ("sum", "prod"):
            return self.big(COMMANDS[name])
        if name == "sqrt":
            return self.argument() + 0.85
        if name == "begin":
            return self.environment()
        if name in ("left", "right"):
            return 0.26  # a grown bracket is wider
        if name in SILENT or not name[:1].isalpha():
            return 0.0
        return COMMANDS.get(name, 0.62)

    def environment(self) -> float:
        """A matrix or cases: columns beside one another, each as wide as its widest cell."""
        self.argument()
        columns: dict[int, float] = {}
        column, cell = 0, 0.0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token == r"\end":
                self.at += 1
                self.argument()
                break
            if token in ("&", r"\\"):
                columns[column] = max(columns.get(column, 0.0), cell)
                column, cell = (column + 1 if token == "&" else 0), 0.0
                self.at += 1
            else:
                cell += self.one() if self.depth < 60 else self.flat()
        columns[column] = max(columns.get(column, 0.0), cell)
        return sum(columns.values()) + COLUMN * (len(columns) - 1) + 1.6

    def big(self, sign: float) -> float:
        """Bounds stand below and above a big sign."""
        widest = sign - 0.17
        while self.at < len(self.tokens) and self.tokens[self.at] in ("_", "^"):
            self.at += 1
            widest = max(widest, SCRIPT * self.tight())
        return widest + 0.17
