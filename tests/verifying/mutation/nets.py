"""Networks in words: definitions as LaTeX, true claims, their values in mpmath from the text alone.

Nothing of the package takes part: an own small reader turns text into numbers, derivatives are
central differences of the definitions.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from functools import cache, cached_property

from mpmath import mp, mpf

from mutation.reading import SYMBOL, Reader, Unread, canonical, tokens

Entry = tuple[str, tuple[int, ...]]

STYLES: dict[str, dict[str, str]] = {
    "plain": {
        "x": "x_{{{}}}", "u": "u_{{{}{}}}", "b": "b_{{{}}}", "z": "z_{{{}}}", "a": "a_{{{}}}",
        "v": "v_{{{}{}}}", "c": "c_{{{}}}", "q": "q_{{{}}}", "p": "p_{{{}}}", "y": "y_{{{}}}",
        "J": "J",
    },
    "layers": {
        "x": "x_{{{}}}", "u": "W^{{(1)}}_{{{}{}}}", "b": "b^{{(1)}}_{{{}}}", "z": "z^{{(1)}}_{{{}}}",
        "a": "a^{{(1)}}_{{{}}}", "v": "W^{{(2)}}_{{{}{}}}", "c": "b^{{(2)}}_{{{}}}",
        "q": "z^{{(2)}}_{{{}}}", "p": "a^{{(2)}}_{{{}}}", "y": "y_{{{}}}", "J": "C",
    },
    "bishop": {
        "x": "x_{{{}}}", "u": "w_{{{}{}}}", "b": "b_{{{}}}", "z": "s_{{{}}}", "a": "h_{{{}}}",
        "v": "v_{{{}{}}}", "c": "d_{{{}}}", "q": "r_{{{}}}", "p": "o_{{{}}}", "y": "t_{{{}}}",
        "J": "E",
    },
}  # fmt: skip
"""How three authors call inputs, weights, biases, sums, outputs, targets and the cost."""

SIZES = (
    (2, 2, 2), (3, 3, 3), (1, 3, 2), (3, 2, 1), (2, 3, 2), (3, 2, 3), (4, 4, 3), (2, 4, 4),
)  # fmt: skip
"""Inputs, hidden and output neurons: square and rectangular."""


@dataclass(frozen=True)
class Net:
    """definitions: (entry, text) in the order of computing; claims: (entry, text of dJ/dentry)."""

    name: str
    style: str
    free: tuple[Entry, ...]
    definitions: tuple[tuple[Entry, str], ...]
    claims: tuple[tuple[Entry, str], ...]
    text: dict[Entry, str] = field(default_factory=dict)

    @cached_property
    def symbols(self) -> dict[tuple[str, str, str], Entry]:
        return {canonical(text): e for e, text in self.text.items()}

    @cached_property
    def entry(self) -> dict[str, Entry]:
        return {text: e for e, text in self.text.items()}

    def known(self, symbol: str) -> Entry:
        """The entry that a symbol is. Raises Unread."""
        key = canonical(symbol)
        if key[0] == "D":
            return ("slope", (int(key[1]),))
        if key not in self.symbols:
            raise Unread(symbol)
        return self.symbols[key]


@cache
def make(size: tuple[int, int, int], style: str, kind: str) -> Net:
    """kind: 'squared' (sigmoids), 'entropy' (sigmoids) or 'tanh' (squared error)."""
    inputs, hidden, outputs = size
    form = STYLES[style]
    text: dict[Entry, str] = {}

    def n(role: str, *indices: int) -> str:
        text[(role, indices)] = form[role].format(*indices)
        return text[(role, indices)]

    def squash(z: str) -> str:
        if kind == "tanh":
            return f"\\frac{{e^{{{z}}} - e^{{-{z}}}}}{{e^{{{z}}} + e^{{-{z}}}}}"
        return f"\\frac{{1}}{{1 + e^{{-{z}}}}}"

    def slope(a: str) -> str:
        return f"(1 - {a} {a})" if kind == "tanh" else f"{a} (1 - {a})"

    x, i_, o_ = range(1, inputs + 1), range(1, hidden + 1), range(1, outputs + 1)
    definitions: list[tuple[Entry, str]] = []
    for i in i_:
        terms = [f"{n('u', i, k)} {n('x', k)}" for k in x]
        n("z", i), n("a", i)
        definitions.append((("z", (i,)), f"{' + '.join(terms)} + {n('b', i)}"))
        definitions.append((("a", (i,)), squash(n("z", i))))
    for o in o_:
        terms = [f"{n('v', o, i)} {n('a', i)}" for i in i_]
        n("q", o), n("p", o)
        definitions.append((("q", (o,)), f"{' + '.join(terms)} + {n('c', o)}"))
        definitions.append((("p", (o,)), squash(n("q", o))))
    if kind == "entropy":
        parts = [
            f"(-{n('y', o)} \\log({n('p', o)}) - (1 - {n('y', o)}) \\log(1 - {n('p', o)}))"
            for o in o_
        ]
    else:
        parts = [f"\\frac{{1}}{{2}} ({n('p', o)} - {n('y', o)})^2" for o in o_]
    n("J")
    definitions.append((("J", ()), " + ".join(parts)))

    def error(o: int) -> str:
        gap = f"({n('p', o)} - {n('y', o)})"
        return gap if kind == "entropy" else f"{gap} {slope(n('p', o))}"

    claims: list[tuple[Entry, str]] = []
    for o in o_:
        claims.append((("c", (o,)), error(o)))
        claims += [(("v", (o, i)), f"{error(o)} {n('a', i)}") for i in i_]
    for i in i_:
        back = " + ".join(f"{error(o)} {n('v', o, i)}" for o in o_)
        back = f"({back})" if outputs > 1 else back
        claims.append((("b", (i,)), f"{back} {slope(n('a', i))}"))
        claims += [(("u", (i, k)), f"{back} {slope(n('a', i))} {n('x', k)}") for k in x]
    defined = {e for e, _ in definitions}
    free = tuple(e for e in text if e not in defined)
    name = f"{inputs}-{hidden}-{outputs} {style} {kind}"
    return Net(name, style, free, tuple(definitions), tuple(claims), text)


NETS: tuple[tuple[tuple[int, int, int], str, str], ...] = tuple(
    (size, style, kind)
    for style in STYLES
    for size in SIZES
    for kind in ("squared", "entropy", "tanh")
)


PARTIAL = re.compile(
    rf"\\frac\{{\\partial ({SYMBOL})\}}\{{\\partial ({SYMBOL})\}}"
    rf"|\\partial ({SYMBOL}) ?/ ?\\partial ({SYMBOL})"
)


def with_slopes(net: Net, text: str, v: dict[Entry, mpf]) -> tuple[str, dict[Entry, mpf]]:
    """Derivatives in a text, made names of their own whose values are central differences."""
    found = dict(v)

    def change(m: re.Match[str]) -> str:
        of, by = net.known(m[1] or m[3]), net.known(m[2] or m[4])
        step = mpf(10) ** -13
        sides = [forward(net, v, None, {by: v[by] + s * step})[of] for s in (1, -1)]
        name = f"D_{{{len(found)}}}"
        found[("slope", (len(found),))] = (sides[0] - sides[1]) / (2 * step)
        return f" {name} "

    return PARTIAL.sub(change, text), found


def value(net: Net, text: str, v: dict[Entry, mpf]) -> mpf:
    """The number that a text is. Raises Unread, ZeroDivisionError, ValueError."""
    if "partial" in text:
        text, v = with_slopes(net, text, v)
    reader = Reader(tokens(text), lambda symbol: v[net.known(symbol)])
    found = reader.total()
    if reader.at != len(reader.tokens):
        raise Unread(text)
    return found


def forward(
    net: Net,
    free: dict[Entry, mpf],
    changed: dict[Entry, str] | None = None,
    held: dict[Entry, mpf] | None = None,
) -> dict[Entry, mpf]:
    """All values from the free ones, by the texts of the definitions (some changed, some held)."""
    v = {**free, **(held or {})}
    for entry, text in net.definitions:
        if entry not in (held or {}):
            v[entry] = value(net, (changed or {}).get(entry, text), v)
    return v


def points(net: Net, count: int = 2) -> list[dict[Entry, mpf]]:
    """Random values of the free entries; targets between 0 and 1."""
    mp.dps = 40
    rng = random.Random(net.name)
    found = []
    for _ in range(count):
        free = {e: mpf(rng.randint(-15, 15)) / 8 + mpf(rng.randint(1, 9)) / 97 for e in net.free}
        for e in net.free:
            if e[0] == "y":
                free[e] = mpf(rng.randint(1, 9)) / 11
        found.append(free)
    return found


def slope_of(
    net: Net, entry: Entry, free: dict[Entry, mpf], changed: dict[Entry, str] | None = None
) -> mpf:
    """dJ/d(entry) by a central difference."""
    step = mpf(10) ** -13
    sides = [
        forward(net, {**free, entry: free[entry] + s * step}, changed)[("J", ())] for s in (1, -1)
    ]
    return (sides[0] - sides[1]) / (2 * step)


def near(a: mpf, b: mpf) -> bool:
    """Equal but for the error of a difference."""
    return bool(abs(a - b) <= mpf(10) ** -15 * (1 + abs(a) + abs(b)))


def document(
    net: Net, claims: list[tuple[Entry, str]], changed: dict[Entry, str] | None = None
) -> str:
    """The definitions, then the claims, a display each."""
    lines = [f"$${net.text[e]} = {(changed or {}).get(e, text)}$$" for e, text in net.definitions]
    cost = net.text[("J", ())]
    lines += [
        f"$$\\frac{{\\partial {cost}}}{{\\partial {net.text[e]}}} = {text}$$" for e, text in claims
    ]
    return "\n\n".join(lines) + "\n"
