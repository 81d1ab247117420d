"""Edits of the text of an own network: letters moved, nothing understood."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mutation.nets import Entry, Net

SWAPS = {
    "layer": {"a": "p", "p": "a", "u": "v", "v": "u", "x": "a", "b": "c", "c": "b", "z": "q", "q": "z"},
    "z/a": {"a": "z", "p": "q", "z": "a", "q": "p"},
}  # fmt: skip


def edits(operator: str, text: str, net: Net) -> Iterator[str]:
    """All edits of one kind."""
    names = sorted(net.entry, key=len, reverse=True)
    # One character for each name, so that the scripts of names are no brackets and no signs.
    code = {n: chr(0xE000 + k) for k, n in enumerate(names)}
    back = {c: n for n, c in code.items()}
    short = re.sub("|".join(re.escape(n) for n in names), lambda m: code[m.group()], text)
    for new in _edits(operator, short, net, code, back):
        yield re.sub(r"[\ue000-\uf8ff]", lambda m: back[m.group()], new)


def _edits(
    operator: str, text: str, net: Net, code: dict[str, str], back: dict[str, str]
) -> Iterator[str]:
    names = r"[\ue000-\uf8ff]"
    places = list(re.finditer(names, text))

    def put(m: re.Match[str], new: str) -> str:
        return text[: m.start()] + new + text[m.end() :]

    def entry(m: re.Match[str]) -> Entry:
        return net.entry[back[m.group()]]

    if operator == "sign":
        for m in re.finditer(r"(?<= )[+-](?= )", text):
            yield put(m, "-" if m.group() == "+" else "+")
        for m in re.finditer(r"(?<=[({])-", text):
            yield put(m, "")
        yield f"-{text}" if text.startswith("(") and " + " not in text else f"-({text})"
    elif operator == "factor":
        for m in places:
            yield put(m, f"2 {m.group()}")
        for m in re.finditer(r"\\frac\{1\}\{2\} ", text):
            yield put(m, "")
    elif operator == "index":
        for m in places:
            role, indices = entry(m)
            for other, name in net.text.items():
                if other[0] == role and other[1] != indices and other[1] != indices[::-1]:
                    yield put(m, code[name])
    elif operator == "transpose":
        for m in places:
            role, indices = entry(m)
            if len(indices) == 2 and indices[::-1] != indices:
                other = net.text.get((role, indices[::-1]))
                if other:
                    yield put(m, code[other])
    elif operator in SWAPS:
        for m in places:
            role, indices = entry(m)
            other = net.text.get((SWAPS[operator].get(role, ""), indices))
            if other:
                yield put(m, code[other])
    elif operator == "dropped factor":
        factor = rf"(?:{names})(?:\^2)?|\([^()]*\)(?:\^2)?"
        for m in re.finditer(rf" (?:{factor})(?= |\)|$)", text):
            if text[m.start() - 1] not in "+-(":
                yield put(m, "")
        for m in re.finditer(rf"(?:(?<=^)|(?<=[(+-] )|(?<=\())(?:{factor}) (?=[^+\-)])", text):
            yield put(m, "")
    elif operator == "dropped term":
        for m in re.finditer(r" [+-] (?:[^()+-]|\([^()]*\))+", text):
            yield (
                text[: m.start()]
                + (")" if m.group().endswith(")") and _open(m) else "")
                + text[m.end() :]
            )
        for m in re.finditer(r"(?:(?<=^)|(?<=\())(?:[^()+-]|\([^()]*\))+ \+ ", text):
            yield put(m, "")
        for m in re.finditer(rf"(?<=\()(?:{names}|1) (?=- )", text):
            yield put(m, "")
    elif operator == "sum/product":
        for m in re.finditer(r" \+ ", text):
            yield put(m, " ")
        for m in re.finditer(r"(?<=[\ue000-\uf8ff)2]) (?=[(\ue000-\uf8ff])", text):
            yield put(m, " + ")
    elif operator == "bracket":
        for m in re.finditer(r"\(([^()]*)\)", text):
            if not re.search(r"\\log$", text[: m.start()]):
                yield put(m, m[1])
        for m in re.finditer(r"^\((.*?\).*?)\) ", text):
            yield put(m, m[1] + " ")
        # the bracket closes after the next factor
        for m in re.finditer(rf"\) ({names})", text):
            yield put(m, f" {m[1]})")


def _open(m: re.Match[str]) -> bool:
    """Whether the term takes a closing bracket with it that it did not open."""
    return m.group().count(")") > m.group().count("(")
