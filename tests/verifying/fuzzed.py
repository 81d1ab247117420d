"""Inputs for the fuzz run: generated and mutated documents, specs and formulas, by a number each.

`made(number, seed)` is the same input on every machine. A kind says what it is given to:

    md tex ipynb txt   a document for verify, as bytes of a file with that suffix
    text               a document as a str
    toml               a spec file
    side               the sidecar of a small document
    word               a network as one word of a command line
    judge              one formula about a built-in network
    latex              a formula for the reader alone
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 4_000
"""Longer texts are cut: the fuzz run wants many inputs, the hostile tests hold the large ones."""


@dataclass(frozen=True, slots=True)
class Input:
    number: int
    kind: str
    content: bytes
    extra: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", errors="surrogatepass")


NETWORKS = (
    "chang-neuron", "chang", "ufldl", "lee", "nielsen", "csdn", "mazur", "softmax-regression",
    "elman", "residual", "2-2", "2-3-1", "1-1-1", "ufldl-any", "ufldl-4",
)  # fmt: skip
NOTATIONS = ("chang", "ufldl", "lee", "nielsen", "csdn", "default")

DEFINITIONS = (
    r"$z = w x + b$, $a = \frac{1}{1 + e^{-z}}$, $J = \frac{1}{2} (a - y)^2$.",
    r"$z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j$, $a^l_j = \sigma(z^l_j)$, $C = \frac{1}{2} \sum_j (a^L_j - y_j)^2$.",
    r"$z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}$ and $a^{(l)} = f(z^{(l)})$, "
    r"$\delta^{(l)} = \frac{\partial J}{\partial z^{(l)}}$.",
    r"$$h_t = \tanh(W x_t + U h_{t-1} + b), \quad L = \sum_t \frac12 (h_t - y_t)^2$$",
    r"$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$, $L = -\sum_i y_i \log p_i$, $\sum_i y_i = 1$.",
    r"$q = x W_Q$, $S = Q K^T / \sqrt{d}$, $A = \mathrm{softmax}(S)$.",
    "z = w*x + b\na = sigmoid(z)\nJ = (a - y)²/2\n∂J/∂w = (a - y)·a·(1 - a)·x\n",
)
CLAIMS = (
    r"\frac{\partial J}{\partial w} = (a - y) a (1 - a) x", r"\frac{\partial J}{\partial b} = a - y",
    r"\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)", r"w \leftarrow w - \eta (a - y) x",
    r"\nabla_{W^{(l)}} J = \delta^{(l+1)} (a^{(l)})^T", r"f'(z) = f(z) (1 - f(z))",
    r"0.05 \cdot 0.15 + 0.35 = 0.3575", r"\frac{\partial L}{\partial z_i} = p_i - y_i",
    r"\sigma'(z) = \sigma(z)(1-\sigma(z))", r"\frac{d}{dx} \max(0, x) = [x > 0]",
    r"n_{out} = \frac{1}{1 + e^{-n_{in}}}", r"\frac{\partial J}{\partial n_{21(out)}} = n_{21(out)} - z_1",
)  # fmt: skip
TOKENS = (
    *"0123456789abcdefghijklmnopqrstuvwxyzABCJLNWXZ+-*/=<>()[]{}^_&|,.;:!'\"~@#%?$\\ \n\t",
    r"\frac", r"\frac{1}{2}", r"\partial", r"\frac{\partial J}{\partial w}", r"\sum_{i=1}^{n}", r"\sum_j",
    r"\prod_{k}", r"\nabla_w", r"\delta", r"\delta^{(l)}", r"\sigma", r"\sigma'", r"\odot", r"\cdot",
    r"\times", r"\left(", r"\right)", r"\left[", r"\right.", r"\begin{cases}", r"\end{cases}",
    r"\begin{bmatrix}", r"\end{bmatrix}", r"\begin{aligned}", r"\end{aligned}", r"\\", "&=", r"\text{if }",
    r"\mathbf{x}", r"\mathrm{d}", r"\hat{y}", r"\bar{x}", r"\tilde w", r"\sqrt{x}", r"\sqrt[3]", r"\exp",
    r"\log", r"\tanh", r"\max(0, z)", r"\leftarrow", r"\rightarrow", r"\infty", r"\ldots", r"\dots", r"\top",
    "^T", "^{-1}", "^2", "_{ij}", "_{21,11}", "^{(l+1)}", "^{l-1}", "_t", "_{t-1}", "^{(i)}", r"\,", r"\!",
    r"\quad", r"\qquad", r"\label{eq:1}", r"\tag{3}", r"\nonumber", r"\eqref{eq:1}", r"\int", r"\lim",
    r"\mathbb{E}", r"\|x\|", r"\lVert", r"\rVert", r"\langle", r"\rangle", r"\mid", r"\in", r"\forall",
    r"\newcommand{\x}{\y}", r"\newcommand{\f}[1]{\f{#1}}", r"\def\a{b}", r"\input{/etc/passwd}",
    r"\include{secret}", r"\let\x=\y", r"\verb|$x$|", r"\begin{verbatim}", r"\end{verbatim}", "$", "$$",
    r"\[", r"\]", r"\(", r"\)", "```math\n", "```\n", "```", "$`", "`$", "<!--", "-->", "---\n", "% ",
    "<!-- symbackprop: network=chang notation=chang -->", "<!-- symbackprop: network=/etc/passwd -->",
    "<!-- symbackprop: ignore=x functions=f:tanh -->", "<sub>1</sub>", "<sup>2</sup>", "**", "# ",
    "1e9", "0.3775", "10**9", "99999999999999999999", "1_000", "0.1.2", "1e999999", "０", "²", "ᵀ", "₁",
    "σ", "∂", "δ", "∇", "⊙", "Σ", "∑", "∏", "√", "≤", "→", "←", "−", "·", "×", "ᵢ", "′", "¹", "𝑤", "𝐖",
    "（", "）", "，", "网络", "神经", "é", "ß", "İ", "ﬁ", "\u200b", "\u202e", "\ufeff", "\u0301", "\u2028",
    "\x00", "\x0b", "\x7f", "\x85", "\ud800", "\U0001f600",
)  # fmt: skip
SPECS = (
    'sizes = [2, 3, 1]\nactivation = "sigmoid"\ncost = "bce"\n',
    'sizes = [2, 2]\nactivation = ["tanh"]\ncost = "half-sse"\nnotation = "nielsen"\ntitle = "T"\n'
    "[values]\nW1 = [[1, 2], [3, 4]]\n",
    'name = "one"\n[axes]\ni = "n"\n[quantities]\nx = { role = "input", axes = "i" }\n'
    'w = { role = "parameter", axes = "i" }\n[system]\ncost = "J"\nequations = '
    '["z = sum(i, w[i]*x[i])", "J = z^2"]\n',
    'name = "elman"\n[axes]\nt = "T"\ni = "H"\nj = "H"\nk = "D"\n[quantities]\nx = { role = "input", axes = "t,k" }\n'
    'h0 = { role = "input", axes = "i" }\nW = { role = "parameter", axes = "i,k" }\n'
    'U = { role = "parameter", axes = "i,j" }\n'
    '[system]\ncost = "J"\nequations = [\n "h[0,i] = h0[i]",\n'
    ' "z[t,i] = sum(k, W[i,k]*x[t,k]) + sum(j, U[i,j]*h[t-1,j])",\n'
    ' "h[t,i] = tanh(z[t,i])",\n "J = sum(t, sum(i, h[t,i]^2))",\n]\n',
)
SIDECARS = (
    'network = "chang-neuron"\nnotation = "chang"\n', 'definitions = ["b = 2", "x = y^2"]\n',
    'functions = { sigma = "sigmoid" }\n',
    'ignore = ["a ="]\n[[scope]]\nline = 1\ndefinitions = ["w = 3"]\n', 'network = "/etc/passwd"\n', 'scope = [1]\n',
    'definitions = "x"\n',
    'functions = { a = "f", b = 3 }\n', 'notation = 3\n', '[[scope]]\nline = -99999999999999999999\n',
)  # fmt: skip
SPEC_TOKENS = (
    *TOKENS[:90], "sizes", "activation", "cost", "bias", "weight_decay", "title", "name", "[axes]", "[system]",
    "[quantities]", "equations", '"""', "'''", "role", "facts", "sum(i, ", "softmax(o, ", "where(", "max(", "[1, ",
    "true", "inf", "nan", "0x10", "1979-05-27", "__import__('os')", "lambda", "[[", "]]", "{", "}", "\u202e", "\u200b",
)  # fmt: skip
WORDS = (
    "2-2-2", "2-3", "1000000000-2", "0-1", "-", "--", "2-", "2--2", "x-y", "chang", "chang ", "CHANG", "m", "../x",
    "/etc/passwd", "~/x", "a.toml", "http://x", "{}", "%s", "2x2", "2,2", "1e3-2", "٣-٤", "𝟐-𝟐", "2-2\n", "\x00",
)  # fmt: skip


@cache
def corpus() -> tuple[tuple[str, str], ...]:
    """(suffix, text) of the documents that the project holds."""
    folders = (ROOT / "output", ROOT / "tests" / "verifying" / "strangers", ROOT / "docs")
    paths = [p for f in folders for p in sorted(f.rglob("*")) if p.suffix in SUFFIXES]
    return tuple((p.suffix[1:], p.read_text(encoding="utf-8")) for p in paths)


SUFFIXES = (".md", ".tex", ".txt", ".ipynb")


def made(number: int, seed: int = 0) -> Input:
    """The input of that number."""
    rng = random.Random(f"{seed}:{number}")
    kind = rng.choice(KINDS)
    content, extra = MAKERS[kind](rng)
    if isinstance(content, str):
        content = content[:MOST].encode("utf-8", errors="surrogatepass")
    return Input(number, kind, content, extra)


# --- makers ---------------------------------------------------------------------------------------

Made = tuple[str | bytes, tuple[str, ...]]


def soup(rng: random.Random, tokens: tuple[str, ...] = TOKENS, most: int = 60) -> str:
    return "".join(rng.choice(tokens) for _ in range(rng.randint(1, most)))


def formula(rng: random.Random, depth: int = 4) -> str:
    """A formula by the rules of LaTeX, of any or no sense."""
    if depth == 0 or rng.random() < 0.25:
        letter = rng.choice(
            ["a", "b", "w", "x", "y", "z", "J", "W", r"\delta", r"\eta", "h", "2", "0.5", "n", "1"]
        )
        scripts = [
            "",
            "",
            "_i",
            "_{ij}",
            "^{(l)}",
            "^{l+1}_{jk}",
            "_t",
            "'",
            "^2",
            "^T",
            "_{out}",
            "_{21,11}",
        ]
        return letter + rng.choice(scripts)
    a, b = formula(rng, depth - 1), formula(rng, depth - 1)
    rule = rng.randrange(13)
    return (
        f"{a} + {b}", f"{a} - {b}", f"{a} {b}", rf"\frac{{{a}}}{{{b}}}", f"({a}) ({b})", rf"{a} \cdot {b}",
        rf"\sum_{{i=1}}^{{n}} {a}", rf"\sigma({a})", rf"\frac{{\partial {a}}}{{\partial {b}}}", f"({a})^{{{b}}}",
        rf"{a} \odot {b}", rf"\log({a})", f"-{a}",
    )[rule]  # fmt: skip


def statement(rng: random.Random) -> str:
    relation = rng.choice(
        ["=", "=", "=", "=", r"\leftarrow", ":=", r"\approx", "<", r"\in", r"\to"]
    )
    sides = [formula(rng, rng.randint(1, 4)) for _ in range(rng.randint(2, 4))]
    if rng.random() < 0.5:
        sides[0] = rng.choice(
            ["z", "a", "J", r"\frac{\partial J}{\partial w}", r"\delta^l", "h_t", "W^{(l)}"]
        )
    return f" {relation} ".join(sides)


def document(rng: random.Random) -> str:
    """Definitions, claims and statements in delimiters of all kinds."""
    parts = [rng.choice(DEFINITIONS)] if rng.random() < 0.7 else []
    for _ in range(rng.randint(1, 4)):
        body = rng.choice((rng.choice(CLAIMS), statement(rng), soup(rng)))
        open_, close = rng.choice(
            (("$", "$"), ("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("```math\n", "\n```"), ("$`", "`$"),
             (r"\begin{align}", r"\end{align}"), (r"\begin{equation}", r"\end{equation}"), ("", ""))
        )  # fmt: skip
        parts.append(open_ + body + close)
    return rng.choice(("\n\n", " ", " and ", "\n")).join(parts)


def mutated(rng: random.Random, text: str, tokens: tuple[str, ...] = TOKENS) -> str:
    """Cuts, copies, changed and inserted tokens; truncated, merged with itself, turned round."""
    for _ in range(rng.randint(1, 8)):
        if not text:
            break
        at = rng.randrange(len(text))
        to = min(len(text), at + rng.choice((1, 2, 5, 20, 200)))
        action = rng.randrange(8)
        if action == 0:
            text = text[:at] + text[to:]
        elif action == 1:
            text = text[:at] + text[at:to] * rng.choice((2, 3, 20)) + text[to:]
        elif action == 2:
            text = text[:at] + rng.choice(tokens) + text[at:]
        elif action == 3:
            text = text[:at] + rng.choice(tokens) + text[at + 1 :]
        elif action == 4:
            text = text[:at] if rng.random() < 0.5 else text[at:]
        elif action == 5:
            other = rng.randrange(len(text))
            text = text[:at] + text[other : other + 100] + text[at:]
        elif action == 6:
            text = text[:at] + text[at:to][::-1] + text[to:]
        else:
            text = text[:at] + soup(rng, tokens, 8) + text[at:]
    return text


def piece_of_corpus(rng: random.Random) -> str:
    """A stretch of one document, or of two merged."""
    found = ""
    for _ in range(rng.choice((1, 1, 1, 2))):
        _, text = rng.choice(corpus())
        start = rng.randrange(max(1, len(text) - 200)) if rng.random() < 0.7 else 0
        found += text[start : start + rng.choice((200, 600, 1500))]
    return found


def any_document(rng: random.Random) -> str:
    way = rng.randrange(5)
    if way == 0:
        return soup(rng, TOKENS, 200)
    if way == 1:
        return document(rng)
    if way == 2:
        return mutated(rng, document(rng))
    return mutated(rng, piece_of_corpus(rng)) if way == 3 else piece_of_corpus(rng)


def encoded(rng: random.Random, text: str) -> bytes:
    """Bytes of a file: mostly UTF-8, now and then another encoding, flipped bits, or noise."""
    text = text[:MOST]
    way = rng.randrange(12)
    if way == 0:
        return text.encode("utf-16", errors="surrogatepass")
    if way == 1:
        return text.encode("latin-1", errors="replace")
    if way == 2:
        return b"\xef\xbb\xbf" + text.encode("utf-8", errors="replace")
    if way == 3:
        return rng.randbytes(rng.randint(0, 400))
    raw = bytearray(text.encode("utf-8", errors="surrogatepass"))
    if way == 4 and raw:
        for _ in range(rng.randint(1, 10)):
            raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    if way == 5:
        raw = raw.replace(b"\n", b"\r\n")
    return bytes(raw)


def of_markdown(rng: random.Random) -> Made:
    return encoded(rng, any_document(rng)), ()


def of_latex_file(rng: random.Random) -> Made:
    preamble = rng.choice(
        ("", "\\documentclass{article}\n\\newcommand{\\pd}[2]{\\frac{\\partial #1}{\\partial #2}}\n\\begin{document}\n",
         "\\newcommand{\\a}{\\b\\b}\\newcommand{\\b}{\\c\\c}\\newcommand{\\c}{\\a\\a}\n", "\\def\\x#1{#1#1}\n")
    )  # fmt: skip
    return encoded(rng, preamble + any_document(rng)), ()


def of_notebook(rng: random.Random) -> Made:
    def cell() -> object:
        source: object = any_document(rng)[:800]
        if rng.random() < 0.5:
            source = str(source).splitlines(keepends=True)
        if rng.random() < 0.1:
            source = rng.choice((None, 7, {"a": 1}, [1, None, "$x = 1$"], [["$x = y$"]]))
        return {"cell_type": rng.choice(("markdown", "markdown", "code", 3)), "source": source}

    cells: object = [cell() for _ in range(rng.randint(0, 3))]
    if rng.random() < 0.1:
        cells = rng.choice(({}, None, "x", [None, 3, []]))
    text = json.dumps(
        {"cells": cells, "nbformat": 4, "metadata": {}}, ensure_ascii=rng.random() < 0.5
    )
    return encoded(rng, mutated(rng, text) if rng.random() < 0.4 else text), ()


def of_text(rng: random.Random) -> Made:
    return any_document(rng), ()


def of_spec(rng: random.Random) -> Made:
    text = rng.choice(SPECS)
    way = rng.randrange(6)
    if way == 0:
        return encoded(rng, soup(rng, SPEC_TOKENS, 100)), ()
    if way == 1:
        return encoded(rng, mutated(rng, text, SPEC_TOKENS)), ()
    if way < 4:  # another word or number in place of one
        words = list(re.finditer(r"[A-Za-z_]+|\d+", text))
        for found in rng.sample(words, min(len(words), rng.randint(0, 2))):
            new = rng.choice(
                ("1", "2", "x", "z", "relu", "mse", "bias", "1.5", "-1", rng.choice(words).group())
            )
            text = text.replace(found.group(), new, 1)
        return text, ()
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(SPEC_TOKENS) + text[at + rng.randint(0, 3) :], ()


def of_sidecar(rng: random.Random) -> Made:
    text = rng.choice(SIDECARS)
    return encoded(rng, mutated(rng, text, SPEC_TOKENS) if rng.random() < 0.7 else text), ()


def of_word(rng: random.Random) -> Made:
    word = rng.choice(WORDS) if rng.random() < 0.4 else soup(rng, TOKENS, 6)
    if rng.random() < 0.3:
        word = "-".join(
            rng.choice(("1", "2", "3", "0", "10", "x", "", "999999999999"))
            for _ in range(rng.randint(1, 5))
        )
    return word, ()


def of_judgement(rng: random.Random) -> Made:
    text = rng.choice((rng.choice(CLAIMS), statement(rng), soup(rng)))
    if rng.random() < 0.5:
        text = mutated(rng, text)
    return text, (rng.choice(NETWORKS), rng.choice((*NOTATIONS, "")))


def of_formula(rng: random.Random) -> Made:
    return (statement(rng) if rng.random() < 0.5 else soup(rng, TOKENS, 120)), ()


MAKERS: dict[str, Callable[[random.Random], Made]] = {
    "md": of_markdown,
    "tex": of_latex_file,
    "ipynb": of_notebook,
    "txt": of_markdown,
    "text": of_text,
    "toml": of_spec,
    "word": of_word,
    "judge": of_judgement,
    "latex": of_formula,
    "side": of_sidecar,
}
KINDS = (
    "md",
    "md",
    "md",
    "tex",
    "tex",
    "ipynb",
    "txt",
    "text",
    "text",
    "toml",
    "toml",
    "word",
    "judge",
    "judge",
    "latex",
    "side",
)
