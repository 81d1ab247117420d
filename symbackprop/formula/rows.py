"""Rows: a display cut into statements, and these into members.

Pure cutting of token lists; nothing is parsed here. What decides, in this order: rows that begin
with a relation or a + continue the row before; prose, spaces and commas part statements that each
have a relation of their own; a condition in words ("for l = 2", "if x > 0") is kept apart and
claims nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from symbackprop.formula import alphabet as abc
from symbackprop.formula.brackets import Brackets
from symbackprop.formula.lexer import Token

CONDITION_WORDS = (
    *("for", "if", "when", "where each", "whenever", "with", "unless", "because", "since"),
    *("as", "given", "provided", "für", "wenn", "falls", "当", "若", "对"),
)
QED = frozenset({"blacksquare", "square", "Box", "qed", "qquad", "checkmark", "rdot", "ldot"})
CONTINUING = frozenset({"+", "cdot", "times", "odot", "*", "/", "bullet"})


@dataclass(slots=True)
class Piece:
    """One statement's tokens: its members with the relations between them.

    continues: begins with a relation whose left side stands somewhere before the display.
    """

    members: list[list[Token]]
    relations: list[str]
    label: str = ""
    notes: list[str] = field(default_factory=list)
    condition: bool = False
    continues: bool = False


def pieces(tokens: list[Token]) -> list[Piece]:
    """The statements of a display, in order, conditions among them."""
    found: list[Piece] = []
    for row in _rows(_unwrapped(_unframed(tokens))):
        found.extend(_statements(row))
    return found


# --- rows -------------------------------------------------------------------------------------


def _unframed(tokens: list[Token]) -> list[Token]:
    r"""Without what stands around whole statements: `\boxed{a = b}`, an array of equations."""
    if not any(t.text in ("{", "array", "cases", "matrix") for t in tokens):
        return tokens
    brackets = Brackets.of(tokens)
    dropped: set[int] = set()
    for i, end in enumerate(brackets.partner):
        if end <= i or brackets.depth[i] or not _stands_alone(tokens, i, end):
            continue
        inside = tokens[i + 1 : end]
        if (tokens[i].text == "{" and _has_relation(inside)) or (
            tokens[i].text in ("array", "cases", "matrix") and _are_equations(inside)
        ):
            dropped.update((i, end))
    return [
        t._replace(text="aligned") if i in dropped else t
        for i, t in enumerate(tokens)
        if i not in dropped or t.kind in ("begin", "end")
    ]


def _stands_alone(tokens: list[Token], start: int, end: int) -> bool:
    """Whether nothing but spaces, words and stops stands beside a bracket, in its row."""
    around = [tokens[start - 1]] if start else []
    around += tokens[end + 1 : end + 2]
    return all(
        t.kind in ("row", "begin", "end", "label", "text") or t.text in ("quad", ",", "&", ".", ";")
        for t in around
    )


def _are_equations(tokens: list[Token]) -> bool:
    """Rows of which each has one equals sign at least, and no conditions."""
    signs = [abc.RELATIONS.get(t.text) for t in tokens if t.kind in ("char", "cmd")]
    if any(t.kind in ("text", "word", "begin") for t in tokens) or set(signs) - {None, "=", ":="}:
        return False
    rows: list[list[Token]] = [[]]
    for t in tokens:
        if t.kind == "row":
            rows.append([])
        else:
            rows[-1].append(t)
    return all(_has_relation(row) for row in rows if row)


def _unwrapped(tokens: list[Token]) -> list[Token]:
    """Without braces around a whole stack of rows, and without & and \\\\ inside brackets."""
    systems = {
        i
        for i in range(len(tokens) - 1)
        if tokens[i].text in ("lbrace", "{", "ldot")
        and tokens[i].kind in ("cmd", "char")
        and tokens[i + 1].kind == "begin"
    }
    kept: list[Token] = []
    if systems:
        brackets = Brackets.of(tokens)
        dropped: set[int] = set()
        for i in systems:
            closing = brackets.partner[i]
            cases = tokens[i].text == "lbrace" and tokens[i + 1].text == "array"
            if closing < 0:
                continue
            if cases and i and tokens[i - 1].text in abc.RELATIONS:
                dropped.update((i, closing))
                end = brackets.partner[i + 1]
                tokens = [
                    t._replace(text="cases") if j in (i + 1, end) else t
                    for j, t in enumerate(tokens)
                ]
            elif tokens[i + 1].text in abc.ROW_ENVIRONMENTS:
                dropped.update((i, closing))
        kept = [t for i, t in enumerate(tokens) if i not in dropped]
    else:
        kept = tokens
    brackets = Brackets.of(kept)
    grids: list[int] = []
    result: list[Token] = []
    for i, token in enumerate(kept):
        if token.kind == "begin" and token.text not in abc.ROW_ENVIRONMENTS:
            grids.append(i)
        elif token.kind == "end" and grids and token.text not in abc.ROW_ENVIRONMENTS:
            grids.pop()
        loose = (
            token.kind in ("row", "begin", "end")
            or (token.kind == "char" and token.text == "&")
            or (token.kind == "cmd" and token.text == "quad")
        )
        if loose and not grids and brackets.depth[i] > 0 and brackets.partner[i] < 0:
            continue
        result.append(token)
    return result


def _rows(tokens: list[Token]) -> list[list[Token]]:
    """The display's rows, continuation rows joined to the row before; no & left at top level."""
    brackets = Brackets.of(tokens)
    raw: list[list[Token]] = [[]]
    starts_with_tab: list[bool] = [False]
    for i, token in enumerate(tokens):
        outside = brackets.depth[i] == 0 and brackets.partner[i] < 0
        breaks = token.kind == "row" or (
            token.kind in ("begin", "end") and token.text in abc.ROW_ENVIRONMENTS
        )
        if outside and breaks:
            raw.append([])
            starts_with_tab.append(False)
        elif outside and token.kind == "char" and token.text == "&":
            if not raw[-1]:
                starts_with_tab[-1] = True
            elif raw[-1][-1].text not in abc.RELATIONS and raw[-1][-1].text not in "+-":
                raw[-1].append(token)  # an alignment column: parts statements like a wide space
        else:
            if raw[-1] and raw[-1][-1].text == "&" and token.text in (*abc.RELATIONS, *"+-"):
                raw[-1].pop()  # the tab only marks the place of the sign
            raw[-1].append(token)
    joined: list[list[Token]] = []
    for row, tabbed in zip(raw, starts_with_tab, strict=True):
        core = [t for t in row if t.text != "quad" and t.text != "&"]
        if not core:
            continue
        if joined and _continues(core, row, tabbed, joined[-1]):
            joined[-1].extend(t for t in row if t.text != "quad" or t is not row[0])
        else:
            joined.append(row)
    return joined


def _continues(core: list[Token], row: list[Token], tabbed: bool, before: list[Token]) -> bool:
    first = core[0]
    plain = first.kind in ("char", "cmd")
    if plain and (first.text in abc.RELATIONS and first.text not in _ARROWS):
        return True
    if plain and first.text in _ARROWS:
        return not _has_relation(core[1:])
    if plain and first.text in CONTINUING:
        return True
    if plain and first.text == "-" and (tabbed or not _has_relation(core)):
        return True
    last = before[-1]
    return last.kind in ("char", "cmd") and (
        last.text in CONTINUING or last.text == "-" or last.text in abc.RELATIONS
    )


_ARROWS = frozenset(name for name, relation in abc.RELATIONS.items() if relation == "to")


def _has_relation(tokens: list[Token]) -> bool:
    depth = 0
    for token in tokens:
        if token.kind in ("char", "cmd"):
            if token.text in "([{":
                depth += 1
            elif token.text in ")]}":
                depth -= 1
            elif depth == 0 and token.text in abc.RELATIONS:
                return True
    return False


# --- statements -------------------------------------------------------------------------------


def _statements(row: list[Token]) -> list[Piece]:
    row, label = _without_labels(row)
    brackets = Brackets.of(row)
    chunks: list[tuple[list[Token], str]] = [([], "")]  # tokens and the prose before them
    for i, token in enumerate(row):
        top = brackets.depth[i] == 0 and brackets.partner[i] < 0
        symbol = token.kind in ("char", "cmd")
        if top and token.kind == "text":
            chunks.append(([], token.text.strip()))
        elif (top and token.kind == "word" and token.text in _PROSE and not _applied(row, i)) or (
            top and symbol and (token.text in ("quad", "&", ",", ";") or token.text in abc.JOINERS)
        ):
            chunks.append(([], token.text))
        elif top and symbol and token.text == "forall":
            chunks.append(([], "for"))
        else:
            chunks[-1][0].append(token)
    return _gathered(chunks, label)


_PROSE = frozenset(
    [
        "where",
        "for",
        "if",
        "when",
        "and",
        "with",
        "so",
        "or",
        "then",
        "hence",
        "thus",
        "as",
        "since",
        "let",
        "otherwise",
        *("mit", "wobei", "und", "oder", "also", "où", "avec", "et", "ou", "donc"),
        *("其中", "且", "和", "则"),
    ]
)


def _applied(row: list[Token], i: int) -> bool:
    return i + 1 < len(row) and row[i + 1].text in ("(", "_", "^")


def _gathered(chunks: list[tuple[list[Token], str]], label: str) -> list[Piece]:
    found: list[Piece] = []
    notes: list[str] = []
    prose = False  # whether words stood since the last piece
    condition = False
    for tokens, before in chunks:
        tokens = _trimmed(tokens)
        words = before not in ("", "quad", "&", ",", ";") and before not in abc.JOINERS
        if words:
            prose = True
            condition = before.lower().strip(" (,:").startswith(CONDITION_WORDS)
            notes.append(before)
        if not tokens:
            continue
        whole = _has_relation(tokens)
        tokens = _without_lead(tokens, bool(found))
        joins = found and not words and not prose and before not in abc.JOINERS
        first = tokens[0]
        plain = first.kind in ("char", "cmd")
        begins = plain and first.text in abc.RELATIONS
        operator = plain and (first.text in CONTINUING or first.text == "-")
        last = found[-1].members[-1][-1:] if found else []
        hanging = bool(last) and last[0].text in (*CONTINUING, "-")
        bare_end = bool(found) and not found[-1].members[-1]
        if joins and (begins or bare_end or hanging or (operator and not whole and before != ",")):
            _extend(found[-1], tokens)
        elif joins and not whole and before in ("quad", "&") and found[-1].relations:
            if _is_condition(tokens):
                piece = _piece(tokens[1:-1])
                piece.condition = True
                found.append(piece)
            elif _is_remark(tokens):
                found[-1].notes.append(" ".join(t.text for t in tokens))
            else:
                # Perhaps a factor, perhaps not: the space stays, and the parser refuses it.
                found[-1].members[-1].extend(
                    (Token("cmd", "quad", first.start, first.start), *tokens)
                )
        elif joins and not whole and before in (",", ";") and found[-1].relations:
            found[-1].members[-1].extend((Token("char", ",", first.start, first.start), *tokens))
        else:
            piece = _piece(tokens)
            piece.condition = condition
            if notes:
                piece.notes, notes = notes, []
            found.append(piece)
            prose = condition = False
    if found and notes:
        found[-1].notes.extend(notes)
    if found and label:
        found[0].label = label
    return found


def _is_condition(tokens: list[Token]) -> bool:
    """One bracket with one inequality inside and no words: "(i \\neq j)", "(z < 0)"; also "(y = 1)"."""
    if tokens[0].text != "(" or Brackets.of(tokens).partner[0] != len(tokens) - 1:
        return False
    signs = [abc.RELATIONS[t.text] for t in tokens if t.text in abc.RELATIONS]
    plain = all(t.kind not in ("text", "word") and t.text != "," for t in tokens)
    if not plain or len(signs) != 1:
        return False
    # A label has one value or the other; "(l = 2)" and "(n = 1)" only say which one is meant.
    label = tokens[1].text in _LABELS and tokens[-2].kind == "number" and signs[0] == "="
    return label or signs[0] in ("!=", "<", ">", "<=", ">=")


_LABELS = frozenset({"y", "t", "d", "z", "x"})


def _is_remark(tokens: list[Token]) -> bool:
    """One bracket with words or a relation inside: "(l = 2)", "[by (3)]"."""
    if tokens[0].text not in ("(", "[") or Brackets.of(tokens).partner[0] != len(tokens) - 1:
        return False
    return any(t.kind in ("text", "word") or t.text in abc.RELATIONS for t in tokens)


def _without_lead(tokens: list[Token], later: bool) -> list[Token]:
    """Without an arrow at the very beginning ("so:") and words before it."""
    start = 0
    while start < len(tokens) and tokens[start].kind in ("run", "text"):
        start += 1
    if start < len(tokens) - 1 and tokens[start].kind == "cmd" and tokens[start].text in _ARROWS:
        rest = tokens[start + 1 :]
        if _has_relation(rest) or not (later or start):
            return rest
    return tokens


def _piece(tokens: list[Token]) -> Piece:
    piece = Piece([[]], [])
    _extend(piece, tokens)
    if not piece.members[0]:
        piece.continues = True
    return piece


def _extend(piece: Piece, tokens: list[Token]) -> None:
    """Adds tokens to a piece: cut at the relations outside all brackets."""
    brackets = Brackets.of(tokens)
    for i, token in enumerate(tokens):
        relation = abc.RELATIONS.get(token.text) if token.kind in ("char", "cmd") else None
        if relation and brackets.depth[i] == 0:
            piece.relations.append(relation)
            piece.members.append([])
        else:
            piece.members[-1].append(token)


def _trimmed(tokens: list[Token]) -> list[Token]:
    """Without the full stop at the end, end-of-proof marks and loose tabs."""
    start, stop = 0, len(tokens)
    while stop > start and (
        (tokens[stop - 1].kind == "char" and tokens[stop - 1].text in ".,;:&")
        or (tokens[stop - 1].kind == "cmd" and tokens[stop - 1].text in QED)
    ):
        if tokens[stop - 1].text == "rdot" and any(t.text == "lbrace" for t in tokens):
            break
        stop -= 1
    while start < stop and tokens[start].kind == "char" and tokens[start].text in ",;&":
        start += 1
    return tokens[start:stop]


def _without_labels(row: list[Token]) -> tuple[list[Token], str]:
    r"""Takes out \tag and \label, and "(35)" after a space at the end."""
    label = ""
    kept: list[Token] = []
    for token in row:
        if token.kind == "label":
            label = label or token.text
        else:
            kept.append(token)
    while kept and kept[-1].text == "quad":
        kept.pop()
    if (
        len(kept) > 4
        and kept[-3].text == "("
        and kept[-2].kind == "number"
        and kept[-1].text == ")"
        and _stands_apart(kept[-4], kept[-3])
    ):
        label = label or kept[-2].text
        kept = kept[:-3]
        while kept and kept[-1].text == "quad":
            kept.pop()
    return kept, label


def _stands_apart(before: Token, bracket: Token) -> bool:
    """Whether a number in brackets is a label: after a wide space, or a blank and a symbol."""
    if before.text == "quad":
        return True
    symbol = before.kind in ("letter", "word", "run") or before.text in (")", "]", "}")
    return symbol and bracket.start > before.end
