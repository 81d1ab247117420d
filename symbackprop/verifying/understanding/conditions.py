r"""Conditions beside a formula: `… \quad (i \neq j)`, `… \text{ if } z > 0`, `y = 1: \quad …`, "If $y = 1$, …"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symbackprop.documents.scan import Piece
from symbackprop.formula.latex_reader import Statement as Written
from symbackprop.formula.tree import Call, Chain, Neg, Num, Opaque, Sym

_INEQUALITIES = frozenset(("!=", "<", ">", "<=", ">="))
IF = re.compile(
    r"(?:\b(?:if|when|suppose|for|case|falls|wenn|si)|若|当|如果|情形|情况)\s*$", re.IGNORECASE
)
"""Prose right before a supposition."""

_WHEN = re.compile(r"[\s(,:]*(?:if|when|whenever|for|wenn|falls|für|si|当|若|对)\b", re.IGNORECASE)


def conditions_of(statements: Sequence[Written], latex: str = "") -> dict[int, tuple[Chain, ...]]:
    """For each statement of a display, by number, the conditions that stand behind it or lead it.

    A range (`l = 1, …, L`) and a reason ("since …") are none.
    """
    found: dict[int, tuple[Chain, ...]] = {}
    leads = [k for k in range(len(statements)) if leads_case(statements, k, latex)]
    cases = {k for k in range(len(statements)) if is_index_case(statements, k)} - set(leads)
    claims = [
        k for k, s in enumerate(statements)
        if not _is_condition(s) and k not in cases and k not in leads
    ]  # fmt: skip
    for k, s in enumerate(statements):
        if k in leads:
            end = min((n for n in leads if n > k), default=len(statements))
            for c in claims:
                if k < c < end:
                    found[c] = (*found.get(c, ()), s.chain)
        elif ((_is_condition(s) and _restricts(s)) or k in cases) and claims:
            at = max((c for c in claims if c < k), default=claims[0])
            found[at] = (*found.get(at, ()), s.chain)
    return found


_COLON = re.compile(r"(?:\s|~|\\[,;:! ]|\}|&)*:(?!=)")
_IMPLIES = re.compile(r"(?:\s|~|\\[,;:! ]|\\q?quad|&)*\\(?:Rightarrow|Longrightarrow|implies)\b")


def leads_case(statements: Sequence[Written], k: int, latex: str) -> bool:
    r"""`y = 1: \quad …` and `i \neq j: …` before what holds in this case; `y = 1 \Rightarrow …`."""
    if k + 1 >= len(statements) or not is_case(statements[k].chain):
        return False
    rest = latex[statements[k].span.end :]
    chain = statements[k].chain
    valued = isinstance(chain.members[-1], Num)
    return bool(_COLON.match(rest)) or (valued and bool(_IMPLIES.match(rest)))


def is_case(chain: Chain) -> bool:
    """`y = 1`, `i = j`, `z > 0`: a symbol and a number, or two letters."""
    if len(chain.members) != 2 or not chain.relations or not isinstance(chain.members[0], Sym):
        return False
    last = chain.members[1]
    if isinstance(last, Neg):
        last = last.body
    letters = isinstance(last, Sym) and last == Sym(last.base)
    known = chain.relations[0] in ("=", *_INEQUALITIES)
    return known and (isinstance(last, Num) or (letters and chain.members[0].sub == ()))


def told_before(piece: Piece, previous: Piece | None) -> bool:
    """Whether the formula before a piece is a supposition in the prose: "If $y = 1$, then …"."""
    if previous is None or previous.display:
        return False
    return right_behind(piece, previous) and bool(IF.search(previous.before))


_NOTHING = re.compile(
    r"[\s$).,:;*_]*(?:(?:we\s+(?:have|get|find|obtain)|it\s+is|this\s+(?:is|gives)|then|there\s+is)[\s$,:]*)?"
)
_FOR = re.compile(r"\b(?:for|when|if|where|whenever|für)\b[^.;:]{0,60}$", re.IGNORECASE)


def told_by_letters(chain: Chain, piece: Piece, claim: Piece) -> bool:
    r"""`For the wrong classes $j \neq k$` right before a claim, `For a negative word $k \ge 1$:`."""
    near = not piece.display and right_behind(claim, piece)
    if not near or not _NOTHING.fullmatch(claim.before) or len(chain.members) != 2:
        return False
    letters = all(isinstance(m, Sym) and m == Sym(m.base) for m in chain.members)
    if letters and chain.relations == ("!=",) and claim.display:
        return True
    plain = letters or isinstance(chain.members[1], Num)
    return plain and set(chain.relations) <= _INEQUALITIES and bool(_FOR.search(piece.before))


def start_of_range(chain: Chain, piece: Piece, claim: Piece) -> Chain | None:
    r"""`k \ge 1` of "For $k = 1, \dots, K$" right before a claim."""
    listed = chain.members[-1]
    near = not piece.display and right_behind(claim, piece) and _NOTHING.fullmatch(claim.before)
    if not near or not _FOR.search(piece.before) or len(chain.members) != 2:
        return None
    if not isinstance(listed, Call) or listed.name != "sequence":
        return None
    first = listed.args[0]
    return Chain((chain.members[0], first), (">=",)) if isinstance(first, Num) else None


def right_behind(piece: Piece, previous: Piece) -> bool:
    """Whether a piece stands at most two lines and a few words behind another one."""
    near = previous.file == piece.file and piece.line - previous.line <= 2
    return near and len(piece.before) < 20


_ENDS = re.compile(r"[.!?;:。；：](?=\s|$)|\n[ \t]*\n|\n[ \t]*(?:[-*#]|\d+\.)[ \t]")
_SUPPOSES = re.compile(
    r"[\s$>*_,(\[-]*(?:but\s+|and\s+|only\s+|e\.g\.\s+)?"
    r"(?:(?:if|when|whenever|in\s+case|suppose|assume|assuming|provided|unless|wenn|falls|si|lorsque)\b"
    r"(?!\s+(?:we|you|one|i|wir|man|on|nous)\b)"
    r"|for\s+(?:an?|the)\s+(?:[\w-]+\s+){0,2}"
    r"(?:case|activation|unit|neuron|network|layer|rectifier|relu|linear|identity|sigmoid|tanh)\b"
    r"|若|如果|假设)",
    re.IGNORECASE,
)
"""The start of a sentence that holds under a condition; "if we differentiate" is none."""


def in_conditional_sentence(pieces: Sequence[Piece], place: int) -> bool:
    """Whether the sentence that a piece stands in begins with a condition."""
    text = ""
    for at in range(place, max(place - 6, -1), -1):
        piece = pieces[at]
        if at < place and (piece.display or piece.file != pieces[place].file):
            return False
        text = piece.before.lstrip("$`") + " " + text
        ends = [m.end() for m in _ENDS.finditer(text)]
        if ends:
            return bool(_SUPPOSES.match(text[ends[-1] :]))
    return bool(_SUPPOSES.match(text))


_CASE_BEHIND = re.compile(r"[\s$,)\\`]*\b(?:for|where|on|für|pour)\s*[$(\\`]*$")
_INEQUALITY = re.compile(r"[<>≠≤≥]|\\(?:leq?|geq?|neq?|lt|gt|leqslant|geqslant)(?![A-Za-z])")


def for_some_values(piece: Piece, following: Piece | None) -> bool:
    """`$f'(z) = 1$ for $z > 0$`."""
    if following is None or following.display or following.file != piece.file:
        return False
    return bool(_CASE_BEHIND.match(piece.after)) and bool(_INEQUALITY.search(following.latex))


def is_index_case(statements: Sequence[Written], k: int) -> bool:
    """`\\quad i = j` behind a formula with both letters below its symbols."""
    chain = statements[k].chain
    if chain.relations != ("=",) or k == 0:
        return False
    letters = [m.base for m in chain.members if isinstance(m, Sym) and m == Sym(m.base)]
    scripts = {x for n in statements[k - 1].chain.walk() if isinstance(n, Sym) for x in n.sub}
    return len(letters) == 2 and letters[0] != letters[1] and set(letters) <= scripts


def is_inequality(chain: Chain) -> bool:
    """`i \\neq j`, `z > 0`."""
    return bool(chain.relations) and set(chain.relations) <= _INEQUALITIES


def _is_condition(s: Written) -> bool:
    return s.condition or is_inequality(s.chain)


def _restricts(s: Written) -> bool:
    if is_inequality(s.chain) or (s.condition and not s.notes and is_case(s.chain)):
        return True
    told = any(
        isinstance(n, Opaque) or (isinstance(n, Call) and n.name == "sequence")
        for n in s.chain.walk()
    )
    simple = s.chain.relations == ("=",) and isinstance(s.chain.members[0], Sym)
    return simple and not told and bool(s.notes) and bool(_WHEN.match(s.notes[0]))


__all__ = [
    "conditions_of",
    "for_some_values",
    "in_conditional_sentence",
    "is_case",
    "is_index_case",
    "is_inequality",
    "leads_case",
    "right_behind",
    "start_of_range",
    "told_before",
    "told_by_letters",
]
