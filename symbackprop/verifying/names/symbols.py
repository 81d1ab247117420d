"""Which written symbols are one quantity: names, indices and powers of a stranger's document.

All occurrences of a letter are looked at together. `W_{ij}^{(l)}`, `W_{11}^{(1)}` and `W^{(l)}` are one
quantity with three axes (layer, receiver, sender), the last written whole; `w_{21,11}` and
`n_{11(in)}`, which never carry an index letter, are names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from symbackprop.formula.tree import Formula, Idx, Num, Sym
from symbackprop.verifying.names.letters import (
    CANDIDATES,
    COSTS,
    FRESH,
    SIZE_LETTERS,
    latex_of,
    safe_name,
)
from symbackprop.verifying.names.named_entries import entry_of, letters_of_entries, named_entries
from symbackprop.verifying.names.scripts import WORDS, Item, items_of, singles

if TYPE_CHECKING:
    from symbackprop.verifying.names.letter_layers import LetterLayers

Key = tuple[str, str, int]

NUMBER = "#"
"""Stands for any number among the letters of a place."""

WEIGHTS = frozenset({"w", "W", "theta", "beta", "v"})
"""Letters whose entry 0 is a bias of its own, unless sums run from 0."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a written symbol stands for: a quantity's name, its indices, and a power, if one.

    `whole` is True where the trailing `missing` indices are left out: the whole array.
    """

    name: str
    indices: tuple[Formula, ...] = ()
    missing: int = 0
    power: Formula | None = None


@dataclass(slots=True)
class Group:
    """All occurrences of one letter (with accent and primes): the arities that carry indices."""

    key: Key
    sub_arities: set[int] = field(default_factory=set)
    sup_arities: set[int] = field(default_factory=set)
    sup_letters: set[str] = field(default_factory=set)
    sub_letters: set[str] = field(default_factory=set)
    bare_sup_letters: bool = False
    bare_is_scalar: bool = False
    first: dict[int, set[str]] = field(default_factory=dict)
    shifted: bool = False

    @property
    def arity(self) -> int:
        """The indices of the letter; `y_{n,j}`, the y_j of sample n, has one more than y has."""
        most = max(self.sub_arities, default=0)
        return most - 1 if self.samples else most

    @property
    def samples(self) -> set[str]:
        """Letters that only come first where there is one index more: the n of `y_{n,j}` beside `y_j`."""
        most = max(self.sub_arities, default=0)
        less, more = self.first.get(most - 1, set()), self.first.get(most, set())
        return more if not self.shifted and less - more else set()

    @property
    def layer_arity(self) -> int:
        """The indices above it; in `a^{(L,n)}` the sample is one more."""
        return min(self.sup_arities, default=0)

    def is_vector(self) -> None:
        """`y` is said to be in R^n: `y_{n,j}` is the entry j of sample n, though no `y_j` is written."""
        if self.sub_arities == {2} and NUMBER not in self.first[2]:
            self.sub_arities.add(1)
            self.first[1] = {NUMBER}


class Symbols:
    """The symbols of a document (or of one scope of it)."""

    def __init__(
        self,
        symbols: Iterable[Sym],
        bound: frozenset[str] = frozenset(),
        numerators: frozenset[str] = frozenset(),
        powers_are_names: frozenset[tuple[str, tuple[str, ...]]] = frozenset(),
        fixed_letters: frozenset[str] | None = None,
        split: frozenset[str] = frozenset(),
        layers: LetterLayers | None = None,
        arrays: bool = False,
        heads: frozenset[str] = frozenset(),
        numbered: frozenset[str] = frozenset(),
        biases: bool = False,
        loose: frozenset[str] = frozenset(),
        attached: frozenset[str] = frozenset(),
        whole: frozenset[str] = frozenset(),
        said: Mapping[str, int] | None = None,
        open_costs: frozenset[str] = frozenset(),
        maps: frozenset[tuple[str, str]] = frozenset(),
        rows: frozenset[str] = frozenset(),
        by: frozenset[str] = frozenset(),
        columns: frozenset[str] = frozenset(),
    ) -> None:
        self.symbols = list(dict.fromkeys(symbols))
        self.powers_are_names = powers_are_names
        self.bound = bound
        self.split = split
        self.layers = layers
        self.arrays = arrays
        self.numbered = numbered
        self.whole = whole
        self.biases = biases
        self.numerators = numerators
        self.by = by  # letters that a derivative is taken by: quantities where no sum binds them
        self.open_costs = open_costs
        self.attached = attached  # letters whose indices stand right behind them, for writing back
        bases = {s.base for s in self.symbols if s.sub or s.sup or s.primes or s.accent}
        self.script_letters = _script_letters(self.symbols)
        # A letter that is defined or has entries is a quantity: no size, and in a script a name.
        self.quantities = frozenset(heads & {s.base for s in self.symbols if s.sub}) | whole
        if fixed_letters is not None:
            self.letters = fixed_letters
        else:
            # A letter that no sum binds is an index only if it stands on two different quantities.
            shared = {
                c for c in CANDIDATES if len(self.script_letters.get(c, ())) > 1 and c not in loose
            }
            shared |= _letters_of_matrices(self.symbols, said or {})
            shared |= _letters_beside(self.symbols, shared, heads)
            shared |= letters_of_entries(self.symbols)
            self.letters = frozenset(bound | (shared - bases) | {"l"})
        self.letters |= {FRESH}
        self.labels = _labels(self.symbols) - bound
        self.groups: dict[Key, Group] = {}
        self.names: dict[str, str] = {}
        self.bases: dict[str, str] = {}
        self._cache: dict[Sym, Written] = {}
        self.aliases: dict[str, str] = {}
        self.entries = named_entries(self.symbols, self.index_items)
        for s in self.symbols:
            self._look(s)
        for key, group in self.groups.items():
            if (said or {}).get(key[0]) == 1:
                group.is_vector()
            if key[0] in rows:
                group.sub_arities.add(2)  # Q_i is the row i of the matrix Q
        for key, group in self.groups.items():
            group.bare_is_scalar = key[0] in COSTS and key[0] in numerators
        # Where `a^{(l)}`, the vector, stands beside `a_j^{(l)}`, A is not another name for it.
        bare = {(s.base, s.accent, s.primes) for s in self.symbols if not s.sub}
        for (base, accent, primes), group in list(self.groups.items()):
            small = self.groups.get((base.lower(), accent, primes))
            if (
                len(base) == 1 and base.isupper() and not group.sub_arities
                and small is not None and small.sub_arities
                and (bool(small.sup_arities) == bool(group.sup_arities))
                and base not in heads and base not in columns
                and (base.lower(), accent, primes) not in bare
                and not any((base, x) in maps for x in small.sub_letters)
            ):  # fmt: skip
                self.aliases[base] = base.lower()
        for s in self.symbols:
            self._look_again(s)

    # --- first and second look -------------------------------------------------------------------

    def _look(self, s: Sym) -> None:
        group = self.groups.setdefault(
            (s.base, s.accent, s.primes), Group((s.base, s.accent, s.primes))
        )
        sub = self.index_items(s.sub)
        if sub and (any(i.letters for i in sub) or s.base in self.numbered):
            group.sub_arities.add(len(sub))
            group.sub_letters |= {name for i in sub for name in i.letters}
        if sub:
            group.first.setdefault(len(sub), set()).add("".join(sub[0].letters) or NUMBER)
            group.shifted |= any(not i.is_number and len(i.text) > 1 for i in sub)
        sup = items_of(s.sup)
        if sup and all(self._is_index(i) for i in sup):
            letters = {name for i in sup for name in i.letters}
            # a^{[2](i)}: layer 2 is part of the name, unless layers are letters elsewhere
            numbered = any(i.is_number and i.bracket == "[" for i in sup)
            if letters and numbered and sup[-1].bracket == "(":
                return
            if letters and (any(i.bracket for i in sup) or letters & self._layer_letters()):
                group.sup_arities.add(len(sup))
                group.sup_letters |= letters
                if not any(i.bracket for i in sup):
                    group.bare_sup_letters = True

    def _look_again(self, s: Sym) -> None:
        """Written once, so that all names are known before anything is resolved."""
        self.resolve(s)

    def _layer_letters(self) -> frozenset[str]:
        return frozenset({"l", "L", "ell", "n_l", "n_L"}) | self.bound | self.letters

    def _is_index(self, item: Item) -> bool:
        if item.index is None:
            return False
        sizes = SIZE_LETTERS - self.quantities - self.labels
        known = self.letters | sizes | self._layer_letters()
        return all(name in known for name in item.letters)

    def index_items(self, tokens: tuple[str, ...]) -> list[Item] | None:
        """The subscript as indices; None where a part of it can only be a name."""
        if not tokens or ("".join(tokens) in WORDS and not set(tokens) <= self.bound):
            return None
        parts = items_of(tokens)
        found = singles(tokens) if len(parts) == 1 and "," not in tokens else parts
        if found is None or not found or not all(self._is_index(i) for i in found):
            return None
        return found

    # --- meaning ---------------------------------------------------------------------------------

    def resolve(self, s: Sym) -> Written:
        """The quantity, indices and power of one occurrence."""
        known = self._cache.get(s)
        if known is None:
            rows = s.base in self.aliases and not s.sub
            meant = replace(s, base=self.aliases[s.base]) if rows else s
            known = self._cache[s] = self._resolve(meant, rows)
        return known

    def _resolve(self, s: Sym, rows: bool = False) -> Written:
        """`rows` where s was written as a capital, Y: the matrix whose rows are the `y_n`."""
        group = self.groups.get((s.base, s.accent, s.primes))
        if group is None:
            group = Group((s.base, s.accent, s.primes))
        name = self._stem(s)
        leading, name, power = self._superscript(s, group, name)
        sub = self.index_items(s.sub)
        arities = group.sub_arities
        if s.sub:
            if sub is not None and arities and (any(i.letters for i in sub) or len(sub) in arities):
                indices = leading + tuple(i.index for i in sub if i.index is not None)
                name = self._of_layer(s, sub, name)
                if self.biases and len(sub) > 1 and sub[-1].text == "0" and sub[0].letters:
                    return Written(self._named(f"{name}_0", s), indices[:-1], 0, power)
                alone = len(sub) == 1 and sub[0].text == "0" and s.base in WEIGHTS
                if self.biases and alone and group.sub_letters and not leading:
                    return Written(self._named(f"{name}_0", s), (), 0, power)
                if s.base in self.split and len(sub) == 1 and sub[0].letters:
                    return Written(self._named(f"{name}_{sub[0].letters[0]}", s), indices, 0, power)
                whole = self.index_items(s.sub) or []
                sampled = group.samples and (
                    len(whole) == 2 or set(whole[0].letters) & group.samples
                )
                if sampled and leading and all(_last(i) for i in leading):
                    # a_{n,j}^{(L)}, of sample n: the layer is a part of the name
                    name = self._stem(s) + "".join(s.sup) + "^/2"
                    indices = indices[len(leading) :]
                times = {"T"} if "t" in group.samples else set()  # o_T, at the last time
                if len(sub) == 1 and set(sub[0].letters) & (group.samples | times):
                    more = self._named(name, s, True, 2)
                    return Written(more, indices, 1, power)
                if self.arrays and group.arity == len(sub) + 1 and leading == ():
                    return Written(self._named(name, s), indices, 1, power)
                return Written(
                    self._named(name, s, group.arity != len(sub), len(sub)), indices, 0, power
                )
            joined = "".join(s.sub)
            whole_name, items = entry_of(s, self.index_items)
            if whole_name in self.entries and len(items) == self.entries[whole_name]:
                name = f"{name}_{''.join(whole_name.sub)}"
                indices = leading + tuple(i.index for i in items if i.index is not None)
                return Written(self._named(name, whole_name), indices, 0, power)
            if joined.isdigit() and arities == {1}:
                return Written(self._named(name, s), (*leading, Num(str(int(joined)))), 0, power)
            missing = self.entries.get(s, 0)
            return Written(self._named(f"{name}_{joined}", s), leading, missing, power)
        if self.arrays and arities == {1, 2} and s.base.islower() and group.arity == 2 and not rows:
            # y beside y_{n,k} and y_n: the vector of one sample
            return Written(self._named(name, s, True, 1), leading, 1, power)
        if arities and not group.bare_is_scalar:
            return Written(self._named(name, s), leading, group.arity, power)
        if arities and group.bare_is_scalar:
            return Written(self._named(f"{name}.", s), leading, 0, power)
        return Written(self._named(name, s), leading, 0, power)

    def _of_layer(self, s: Sym, sub: list[Item], name: str) -> str:
        """The name with its layer, where letters tell layers: `y_j` and `y_k` are two quantities."""
        found = self.layers
        if found is None or s.sup:
            return name
        letters = [i.letters[0] if i.letters else "" for i in sub]
        at = 0 if s.base in found.bases and len(sub) == 1 else None
        if s.base in found.weights and len(sub) == 2:
            at = found.weights[s.base] if letters[found.weights[s.base]] else 0
        if at is None or letters[at] not in found.layer:
            return name
        return f"{name}_{found.layer[letters[at]]}"

    def _superscript(
        self, s: Sym, group: Group, name: str
    ) -> tuple[tuple[Formula, ...], str, Formula | None]:
        """Leading indices, the name with literal superscripts, and the power."""
        if not s.sup:
            return (), name, None
        if (s.base, s.sup) in self.powers_are_names:
            return (), f"{name}^{''.join(s.sup)}", None
        items = items_of(s.sup)
        bracketed = any(i.bracket for i in items)
        if items and all(self._is_index(i) for i in items):
            if len(items) > 1 and len(items) != group.layer_arity and self._of_sample(items):
                # a^{(L,n)}, of sample n: the layer is a part of the name
                literal = "".join(f"[{i.text}]" for i in items[:-1])
                return (items[-1].index or Num("0"),), f"{name}{literal}^/2", None
            if len(items) in group.sup_arities and (
                bracketed
                or group.bare_sup_letters
                or any(name in self._layer_letters() for i in items for name in i.letters)
            ):
                more = "" if len(items) == group.layer_arity else f"/{len(items)}"
                return tuple(i.index for i in items if i.index is not None), f"{name}^{more}", None
            if bracketed:
                numbers = [i for i in items if i.is_number]
                rest = [i for i in items if not i.is_number]
                literal = "".join(f"[{i.text}]" for i in numbers)
                if literal and rest and rest[-1].bracket == "(":
                    literal += "^"  # a^{[2](i)}, of one example, beside a^{[2]}
                return tuple(i.index for i in rest if i.index is not None), f"{name}{literal}", None
            if len(items) == 1 and items[0].index is not None and not group.sup_arities:
                return (), name, items[0].index
        return (), f"{name}^{''.join(s.sup)}", None

    def _of_sample(self, items: list[Item]) -> bool:
        """Whether all but the last are the last layer or numbers, and the last is a letter."""
        return all(i.is_number or set(i.letters) <= SIZE_LETTERS for i in items[:-1]) and bool(
            set(items[-1].letters) - SIZE_LETTERS
        )

    def _stem(self, s: Sym) -> str:
        return s.base + (f"~{s.accent}" if s.accent else "") + "'" * s.primes

    def _named(self, name: str, s: Sym, other_arity: bool = False, arity: int = 0) -> str:
        if other_arity and arity:
            name = f"{name}/{arity}"
        safe = safe_name(name)
        self.names.setdefault(safe, latex_of(s))
        # A cost by another letter is a cost all the same.
        self.bases.setdefault(
            safe, "L" if s == Sym(s.base) and s.base in self.open_costs else s.base
        )
        return safe


def _last(i: Formula) -> bool:
    """The last layer, or a numbered one."""
    return isinstance(i, Num) or (isinstance(i, Idx) and i.name in SIZE_LETTERS)


def _letters_of_matrices(symbols: Iterable[Sym], said: Mapping[str, int]) -> set[str]:
    """The j and k of `W_{jk}`, where W is said to be in R^{m x n}."""
    return {
        c for s in symbols if said.get(s.base) == 2 and len(s.sub) == 2 for c in s.sub
        if set(s.sub) <= set(CANDIDATES)
    }  # fmt: skip


def _letters_beside(
    symbols: Iterable[Sym], letters: Collection[str], heads: Collection[str]
) -> set[str]:
    r"""The j of `S_{ij}`, where `S = Q K^\\top` is defined whole and i is an index: j is one as well."""
    symbols = set(symbols)
    return {
        c for s in symbols if len(s.sub) == 2 and set(s.sub) <= set(CANDIDATES)
        if s.base.isupper() and s.base in heads and Sym(s.base) in symbols
        if set(s.sub) & set(letters) for c in s.sub
    }  # fmt: skip


def _labels(symbols: Iterable[Sym]) -> frozenset[str]:
    r"""Capitals that only ever tell what a quantity is of: the batch of `\\mu_B` and `\\sigma_B^2`.

    Not where one of their bases has another subscript, nor for the usual last places.
    """
    subs: dict[str, set[str]] = defaultdict(set)
    for s in symbols:
        subs[s.base].add("".join(s.sub))
    found = {
        sub for every in subs.values() for sub in every
        if len(sub) == 1 and sub.isupper() and sub not in "LTKN"
    }  # fmt: skip
    return frozenset(c for c in found if all(v <= {c, ""} for v in subs.values() if c in v))


def _script_letters(symbols: Iterable[Sym]) -> dict[str, set[str]]:
    """For each letter in a script: the bases that carry it."""
    found: dict[str, set[str]] = defaultdict(set)
    for s in symbols:
        for script in (s.sub, s.sup):
            word = "".join(script)
            if word in WORDS or (word.isalpha() and len(word) > 3):
                continue
            for token in script:
                found[token].add(s.base)
    return dict(found)
