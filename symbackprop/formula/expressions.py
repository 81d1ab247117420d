"""Expressions: from the tokens of one member of a statement to its Formula.

Precedence, loosest first: sums; `\\odot`; products (juxtaposition, `\\cdot`, `\\times`, `*`, `/`);
one factor with its scripts. A factor's own forms (fractions, sums, norms, ...) stand in `atoms.py`.
Whatever is not understood raises ReadingError with its place; nothing is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from symbackprop.errors import Place, ReadingError
from symbackprop.formula import alphabet as abc
from symbackprop.formula.arrays import array_product, elementwise, surely_array
from symbackprop.formula.brackets import Brackets, bracket_kind
from symbackprop.formula.hints import Hints
from symbackprop.formula.lexer import Token
from symbackprop.formula.tree import (
    Add,
    Call,
    Deriv,
    Diff,
    Div,
    Formula,
    MatMul,
    Mul,
    Neg,
    Num,
    Span,
    Sym,
    Transpose,
)

DEPTH = 48
"""Deepest nesting that is read; beyond it a ReadingError (no mathematics needs more)."""

SIGNS = {"cdot": "cdot", "times": "times", "*": "*", "ast": "*", ".": "."}
HADAMARD = frozenset({"odot", "circ", "bullet"})
END = Token("end of input", "", -1, -1)


class Parser:
    """Reads tokens[at:stop]. `ambiguous` collects the kinds of doubt that were met."""

    __slots__ = ("ambiguous", "at", "brackets", "depth", "hints", "source", "stop", "tokens")

    def __init__(
        self,
        tokens: Sequence[Token],
        hints: Hints,
        source: str = "",
        ambiguous: set[str] | None = None,
    ) -> None:
        self.tokens = tokens
        self.hints = hints
        self.source = source
        self.ambiguous: set[str] = set() if ambiguous is None else ambiguous
        self.brackets = Brackets.of(tokens)
        self.at = 0
        self.stop = len(tokens)
        self.depth = 0

    # --- moving -------------------------------------------------------------------------------

    def peek(self) -> Token:
        return self.tokens[self.at] if self.at < self.stop else END

    def next(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of these characters or commands."""
        token = self.peek()
        return token.kind in ("char", "cmd") and token.text in texts

    def within(self, start: int, stop: int, read: Callable[[], Formula]) -> Formula:
        """What `read` makes of tokens[start:stop], all of them; the position is then `stop`."""
        saved = self.stop
        self.at, self.stop = start, stop
        self.enter()
        found = read()
        self.depth -= 1
        if self.at != stop:
            self.fail("not understood here")
        self.stop = saved
        return found

    def braced(self, read: Callable[[], Formula]) -> Formula:
        """What `read` makes of all that stands in the braces here; the position is then behind them."""
        start, stop = self.group(self.at)
        found = self.within(start, stop, read)
        self.at = stop + 1
        return found

    def enter(self) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            self.fail(f"nested deeper than {DEPTH} levels")

    def group(self, opening: int) -> tuple[int, int]:
        """The range inside the bracket at `opening`. Raises ReadingError if it never closes."""
        closing = self.brackets.partner[opening]
        if closing < 0 or closing >= self.stop:
            self.fail("this bracket is not closed", self.tokens[opening])
        return opening + 1, closing

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        found = self.peek() if token is None else token
        start = found.start if found is not END else len(self.source)
        raise reading_error(message, self.source, start, max(1, found.end - found.start))

    def span(self, first: int) -> Span:
        """From token number `first` to the last one taken."""
        return Span(self.tokens[first].start, self.tokens[self.at - 1].end)

    # --- sums ---------------------------------------------------------------------------------

    def expression(self) -> Formula:
        """Terms with + and -."""
        first = self.at
        terms = [self._signed(first=True)]
        while self.sees("+", "-", "pm", "mp"):
            if self.sees("pm", "mp"):
                self.fail("a double sign is not understood")
            terms.append(self._signed())
        if len(terms) == 1:
            return terms[0]
        return Add(tuple(terms), span=self.span(first))

    def _signed(self, first: bool = False) -> Formula:
        start = self.at
        if self.sees("-"):
            self.at += 1
            if self.sees("-", "+"):
                self.fail("two signs in a row")
            body = self.term()
            return Neg(body, span=self.span(start))
        if self.sees("+"):
            self.at += 1
            if self.sees("-", "+"):
                self.fail("two signs in a row")
        elif not first:
            self.fail("a sign is missing")
        return self.term()

    def term(self) -> Formula:
        """A product; entry-by-entry products of products."""
        first = self.at
        factors = [self.product()]
        while self.peek().kind == "cmd" and self._joins(self.peek().text):
            sign = self.next().text
            left, right = factors[-1], self.product()
            if sign == "otimes" and self.hints.otimes == "outer":
                factors[-1] = MatMul((left, Transpose(right)), span=self.span(first))
            elif sign == "circ" and self._composed(left, right):
                factors[-1] = Call(left.base, (right,), left.primes, span=self.span(first))  # type: ignore[attr-defined]
            else:
                factors.append(right)
        if len(factors) == 1:
            return factors[0]
        return elementwise(factors, self.span(first))

    def _joins(self, sign: str) -> bool:
        """Whether a sign stands for a product entry by entry, or for the outer product."""
        return sign in HADAMARD or (sign == "otimes" and self.hints.otimes != "unknown")

    def _composed(self, left: Formula, right: Formula) -> bool:
        """`g \\circ f(x)`: a function after another one."""
        plain = isinstance(left, Sym) and not (left.sub or left.sup or left.accent)
        return plain and isinstance(right, Call) and self.hints.is_function(left.base)  # type: ignore[attr-defined]

    # --- products -----------------------------------------------------------------------------

    def product(self) -> Formula:
        """Factors side by side or with a sign between them; a slash divides the last one."""
        from symbackprop.formula.enclosures import opens_value

        first = self.at
        factors = [self.factor()]
        signs: list[str] = []
        divided = 0
        while True:
            token = self.peek()
            if token.kind in ("char", "cmd") and token.text in SIGNS:
                self.at += 1
                signs.append(SIGNS[token.text])
                factors.append(self._after_sign())
            elif token.kind == "char" and token.text == "/":
                self.at += 1
                divided += 1
                if divided > DEPTH:
                    self.fail(f"more than {DEPTH} divisions in a row")
                whole = not isinstance(factors[-1], Diff)  # `W dE/dz` is no quotient of products
                if whole and len(factors) > 1 and any(surely_array(f, self.hints) for f in factors):
                    factors = [array_product(factors, signs, self.hints, self.span(first))]
                    signs = []
                factors[-1] = self._divide(factors[-1], first)
            elif self.starts_factor() or (token.text == "|" and opens_value(self)):
                self._check_number(token)
                signs.append("")
                factors.append(self.factor())
            else:
                break
        if len(factors) == 1:
            return factors[0]
        if "cdot" in signs or "times" in signs or "*" in signs:
            self.ambiguous.add("dot")
        return array_product(factors, signs, self.hints, self.span(first))

    def _check_number(self, token: Token) -> None:
        before = self.tokens[self.at - 1]
        if token.kind != "number" or (before.kind == "char" and before.text in ")]"):
            return
        if before.kind == "letter" and before.end == token.start and not self.hints.letter_digits:
            return
        if before.kind == "number" or before.end == token.start or before.kind == "letter":
            self.fail("a number directly after a symbol: product, index or name?")

    def _after_sign(self) -> Formula:
        start = self.at
        if self.sees("-"):
            self.at += 1
            body = self.factor()
            return Neg(body, span=self.span(start))
        return self.factor()

    def _divide(self, above: Formula, first: int) -> Formula:
        start = self.at
        below = self._after_sign()
        if isinstance(above, Diff) and isinstance(below, Diff):
            return Deriv(above.body, below.body, total=above.total, span=self.span(first))
        number = self.tokens[start]
        if isinstance(below, Num) and self.starts_factor() and number.end == self.peek().start:
            self.ambiguous.add("slash")
            if self.hints.slash == "all":
                factors: list[Formula] = [below]
                while self.starts_factor() and self.tokens[self.at - 1].end == self.peek().start:
                    if self.sees("(", "["):
                        break
                    factors.append(self.factor())
                below = Mul(tuple(factors), span=self.span(start)) if len(factors) > 1 else below
        return Div(above, below, inline=True, span=self.span(first))

    def starts_factor(self) -> bool:
        """Whether the next token can begin a factor without a sign before it."""
        token = self.peek()
        kind, text = token.kind, token.text
        if kind in ("letter", "run", "word", "number", "begin"):
            return True
        if kind == "cmd":
            if text in abc.RELATIONS or text in HADAMARD or text in SIGNS:
                return False
            opens, closes = bracket_kind(token)
            return bool(opens) or (not closes and text in self.atoms())
        return kind == "char" and text in "([{"

    def atoms(self) -> frozenset[str]:
        from symbackprop.formula.atoms import COMMANDS

        return COMMANDS

    # --- factors ------------------------------------------------------------------------------

    def factor(self) -> Formula:
        """One atom with its scripts and its arguments."""
        from symbackprop.formula.atoms import atom
        from symbackprop.formula.postfix import postfix

        self.enter()
        first = self.at
        found = postfix(self, atom(self), first)
        self.depth -= 1
        return found

    def factor_at(self, start: int) -> Formula:
        """The bracket at `start` as a factor of its own."""
        from symbackprop.formula.enclosures import bracket

        self.at = start
        return bracket(self)

    def argument(self) -> Formula:
        """The argument of a command: a braced group, or one token."""
        if self.sees("{"):
            start, stop = self.group(self.at)
            found = self.within(start, stop, self.expression)
            self.at = stop + 1
            return found
        if self.at >= self.stop:
            self.fail("an argument is missing")
        return self.within(self.at, self.at + 1, self.expression)


def reading_error(message: str, source: str, offset: int, width: int = 1) -> ReadingError:
    """A ReadingError that points at `offset` of `source` (line and column within it)."""
    line = source.count("\n", 0, offset) + 1
    begin = source.rfind("\n", 0, offset) + 1
    end = source.find("\n", offset)
    text = source[begin : len(source) if end < 0 else end]
    return ReadingError(message, place=Place("formula", line, offset - begin + 1, text, width))
