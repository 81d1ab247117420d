"""Wrong versions of right equations: edits of printed text, checked to change the value.

The evaluator here is independent of the package: names are numbers, the forward pass is written out
with mpmath, derivatives are high-precision differences.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mpmath import exp, log, mp, mpf

Values = dict[str, mpf]


@dataclass(frozen=True, slots=True)
class Net:
    """A network in words: its definitions as LaTeX, its forward pass, its true claims (left, right)."""

    name: str
    definitions: tuple[str, ...]
    free: tuple[str, ...]
    forward: Callable[[Values], None]
    claims: tuple[tuple[str, str], ...]


def sigma(t: mpf) -> mpf:
    return 1 / (1 + exp(-t))


def make(inputs: int, hidden: int, outputs: int, squared: bool) -> Net:
    """A fully connected network of single neurons; names z_{1i}, a_{1i}, w_{1ij}, ..., cost J."""
    definitions, claims = [], []
    free = [f"x_{{{k}}}" for k in range(1, inputs + 1)]
    for i in range(1, hidden + 1):
        terms = [f"u_{{{i}{k}}} x_{{{k}}}" for k in range(1, inputs + 1)]
        free += [f"u_{{{i}{k}}}" for k in range(1, inputs + 1)] + [f"b_{{{i}}}"]
        definitions.append(f"z_{{{i}}} = {' + '.join(terms)} + b_{{{i}}}")
        definitions.append(f"a_{{{i}}} = \\frac{{1}}{{1 + e^{{-z_{{{i}}}}}}}")
    for o in range(1, outputs + 1):
        terms = [f"v_{{{o}{i}}} a_{{{i}}}" for i in range(1, hidden + 1)]
        free += [f"v_{{{o}{i}}}" for i in range(1, hidden + 1)] + [f"c_{{{o}}}", f"y_{{{o}}}"]
        definitions.append(f"q_{{{o}}} = {' + '.join(terms)} + c_{{{o}}}")
        definitions.append(f"p_{{{o}}} = \\frac{{1}}{{1 + e^{{-q_{{{o}}}}}}}")
    if squared:
        parts = [f"\\frac{{1}}{{2}} (p_{{{o}}} - y_{{{o}}})^2" for o in range(1, outputs + 1)]
    else:
        parts = [
            f"(-y_{{{o}}} \\log(p_{{{o}}}) - (1 - y_{{{o}}}) \\log(1 - p_{{{o}}}))"
            for o in range(1, outputs + 1)
        ]
    definitions.append("J = " + " + ".join(parts))

    def error(o: int) -> str:
        return f"(p_{{{o}}} - y_{{{o}}})" + (f" p_{{{o}}} (1 - p_{{{o}}})" if squared else "")

    for o in range(1, outputs + 1):
        claims.append((f"c_{{{o}}}", error(o)))
        claims += [(f"v_{{{o}{i}}}", f"{error(o)} a_{{{i}}}") for i in range(1, hidden + 1)]
    for i in range(1, hidden + 1):
        back = " + ".join(f"{error(o)} v_{{{o}{i}}}" for o in range(1, outputs + 1))
        claims.append((f"b_{{{i}}}", f"({back}) a_{{{i}}} (1 - a_{{{i}}})"))
        claims += [
            (f"u_{{{i}{k}}}", f"({back}) a_{{{i}}} (1 - a_{{{i}}}) x_{{{k}}}")
            for k in range(1, inputs + 1)
        ]

    def forward(v: Values) -> None:
        for i in range(1, hidden + 1):
            v[f"z_{{{i}}}"] = v[f"b_{{{i}}}"] + sum(
                v[f"u_{{{i}{k}}}"] * v[f"x_{{{k}}}"] for k in range(1, inputs + 1)
            )
            v[f"a_{{{i}}}"] = sigma(v[f"z_{{{i}}}"])
        total = mpf(0)
        for o in range(1, outputs + 1):
            v[f"q_{{{o}}}"] = v[f"c_{{{o}}}"] + sum(
                v[f"v_{{{o}{i}}}"] * v[f"a_{{{i}}}"] for i in range(1, hidden + 1)
            )
            p = v[f"p_{{{o}}}"] = sigma(v[f"q_{{{o}}}"])
            y = v[f"y_{{{o}}}"]
            total += (p - y) ** 2 / 2 if squared else -y * log(p) - (1 - y) * log(1 - p)
        v["J"] = total

    return Net(
        f"{inputs}-{hidden}-{outputs}", tuple(definitions), tuple(free), forward, tuple(claims)
    )


NETS = (make(2, 2, 2, False), make(1, 3, 2, False), make(3, 2, 1, True))
NAME = re.compile(r"[a-zA-Z]_\{\d+\}")


def value(text: str, v: Values) -> mpf | None:
    """The number that a right side is: names, + - ( ) digits and juxtaposition only."""
    tokens = re.findall(r"[a-zA-Z]_\{\d+\}|\d+|[-+()]", text)
    out, last = [], ""
    for t in tokens:
        if last and (last == ")" or last not in "+-(") and (t == "(" or t not in "+-)"):
            out.append("*")
        out.append(f"v[{t!r}]" if NAME.fullmatch(t) else t)
        last = t
    code = " ".join(out)
    try:
        return _arithmetic(code.split(" "), v)
    except (IndexError, KeyError, ValueError):
        return None


def _arithmetic(tokens: list[str], v: Values) -> mpf:
    at = 0

    def factor() -> mpf:
        nonlocal at
        t = tokens[at]
        at += 1
        if t == "(":
            inner = total()
            if tokens[at] != ")":
                raise ValueError
            at += 1
            return inner
        if t == "-":
            return -factor()
        if t.startswith("v["):
            return v[t[3:-2]]
        return mpf(int(t))

    def product() -> mpf:
        nonlocal at
        found = factor()
        while at < len(tokens) and tokens[at] == "*":
            at += 1
            found *= factor()
        return found

    def total() -> mpf:
        nonlocal at
        found = product()
        while at < len(tokens) and tokens[at] in "+-":
            sign = tokens[at]
            at += 1
            found = found + product() if sign == "+" else found - product()
        return found

    found = total()
    if at != len(tokens):
        raise ValueError
    return found


def edits(operator: str, text: str, names: tuple[str, ...]) -> Iterator[str]:
    """All edits of one kind."""
    if operator == "sign":
        for m in re.finditer(r" ([+-]) ", text):
            yield f"{text[: m.start(1)]}{'-' if m[1] == '+' else '+'}{text[m.end(1) :]}"
        yield f"-{text}" if text.startswith("(") else f"-({text})"
    elif operator == "factor":
        for m in NAME.finditer(text):
            yield f"{text[: m.start()]}2 {text[m.start() :]}"
    elif operator == "index":
        for m in NAME.finditer(text):
            for other in names:
                if other[0] == m.group()[0] and other != m.group():
                    yield text[: m.start()] + other + text[m.end() :]
    elif operator == "transpose":
        for m in re.finditer(r"([uv])_\{(\d)(\d)\}", text):
            other = f"{m[1]}_{{{m[3]}{m[2]}}}"
            if m[2] != m[3] and other in names:
                yield text[: m.start()] + other + text[m.end() :]
    elif operator == "layer":
        swap = {"a": "p", "p": "a", "u": "v", "v": "u", "x": "a"}
        for m in NAME.finditer(text):
            other = swap.get(m.group()[0], "#") + m.group()[1:]
            if other in names:
                yield text[: m.start()] + other + text[m.end() :]
    elif operator == "z/a":
        swap = {"a": "z", "p": "q"}
        for m in NAME.finditer(text):
            if m.group()[0] in swap:
                yield text[: m.start()] + swap[m.group()[0]] + m.group()[1:] + text[m.end() :]
    elif operator == "dropped factor":
        for m in re.finditer(r" ([a-z]_\{\d+\})(?= |\)|$)", text):
            if text[: m.start()][-1:] not in "+-(":
                yield text[: m.start()] + text[m.end() :]
        for m in re.finditer(r" \(1 - [a-z]_\{\d+\}\)", text):
            yield text[: m.start()] + text[m.end() :]
    elif operator == "dropped term":
        for m in re.finditer(r" [+-] (?:[^()+-]|\([^()]*\))+", text):
            yield text[: m.start()] + text[m.end() :]
    elif operator == "sum/product":
        for m in re.finditer(r" \+ ", text):
            yield text[: m.start()] + " " + text[m.end() :]
    elif operator == "bracket":
        for m in re.finditer(r"\(([^()]*)\)", text):
            yield text[: m.start()] + m[1] + text[m.end() :]


OPERATORS = (
    "sign", "factor", "index", "transpose", "layer", "z/a", "dropped factor", "dropped term",
    "sum/product", "bracket",
)  # fmt: skip


def mutants(net: Net, operator: str, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """(left, wrong right side): edits whose value differs at two points, by 30-digit arithmetic."""
    rng = random.Random(f"{net.name}{operator}{seed}")
    mp.dps = 30
    points: list[Values] = []
    for _ in range(2):
        v = {n: mpf(rng.randint(-15, 15)) / 8 + mpf(rng.randint(1, 9)) / 97 for n in net.free}
        for n in net.free:
            if n.startswith("y"):
                v[n] = mpf(rng.randint(1, 9)) / 11
        net.forward(v)
        points.append(v)
    names = tuple(n for n in points[0] if n != "J")
    pool = []
    for left, right in net.claims:
        true = [value(right, v) for v in points]
        for wrong in edits(operator, right, names):
            got = [value(wrong, v) for v in points]
            if all(
                g is not None and abs(g - t) > mpf(10) ** -15
                for g, t in zip(got, true, strict=True)
            ):
                pool.append((left, wrong))
    rng.shuffle(pool)
    return list(dict.fromkeys(pool))[:count]


def document(net: Net, claims: list[tuple[str, str]]) -> str:
    lines = [f"$${d}$$" for d in net.definitions]
    lines += [f"$$\\frac{{\\partial J}}{{\\partial {left}}} = {right}$$" for left, right in claims]
    return "\n\n".join(lines) + "\n"


def differences_agree(net: Net) -> bool:
    """The true claims themselves, against high-precision central differences."""
    mp.dps = 40
    rng = random.Random(1)
    v = {n: mpf(rng.randint(-9, 9)) / 7 for n in net.free}
    for n in net.free:
        if n.startswith("y"):
            v[n] = mpf(rng.randint(1, 9)) / 11
    net.forward(v)
    h = mpf(10) ** -12
    for left, right in net.claims:
        costs = []
        for s in (1, -1):
            w = {n: v[n] for n in net.free}
            w[left] += s * h
            net.forward(w)
            costs.append(w["J"])
        got = value(right, v)
        if got is None or abs((costs[0] - costs[1]) / (2 * h) - got) > mpf(10) ** -15:
            return False
    return True
