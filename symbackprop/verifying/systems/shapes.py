"""Sizes of axes, inferred: axes that share an index letter in an equation have one size.

Where layers have widths of their own (`s_l`), the size of an axis depends on the layer at which the
quantity stands: s[l + c]. The constants c are found by the same unification with offsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.formula.tree import (
    Add,
    Array,
    Bracket,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Prod,
    Ref,
    Sum,
)
from symbackprop.system.model import index, size
from symbackprop.verifying.names.affine import affine_of

Node = tuple[str, int]

Slide = tuple[tuple[tuple[Node, int], ...], int]
"""Axes over which another one slides, each with its factor, and the shift."""

Shape = tuple[Ref, Mapping[str, tuple[Formula, Formula]]]
"""An entry with a fresh letter for each open axis, and how far these letters run."""


@dataclass(slots=True)
class Sizes:
    """Union-find over (quantity, axis), with named or numeric sizes of the classes.

    layer_axis: quantities whose axis 0 is a layer, so that other axes may depend on it.
    columns     names of the columns of such a matrix, `a^{[l](i)}`: their axis 1 is the example
    beyond      how far an axis ends beyond its named size: -1 for `k = 0, ..., K - 1`
    constant    axes of layers that have one width
    multiple    axes of `Σ_{j=1}^{2m}`
    slides      axes read at a sum of letters, `x_{2t+k}`: where these stand alone, each with its
                factor, and the shift
    """

    layered: frozenset[str] = frozenset()
    size_names: frozenset[str] = frozenset()
    first: int = 0
    anchors: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    parent: dict[Node, Node] = field(default_factory=dict)
    offset: dict[Node, int] = field(default_factory=dict)
    named: dict[Node, str] = field(default_factory=dict)
    beyond: dict[Node, int] = field(default_factory=dict)
    slides: dict[Node, Slide] = field(default_factory=dict)
    multiple: dict[Node, tuple[int, str]] = field(default_factory=dict)
    least: dict[Node, int] = field(default_factory=dict)
    lowest: dict[Node, int] = field(default_factory=dict)
    exact: dict[Node, int] = field(default_factory=dict)
    width_at: dict[Node, int] = field(default_factory=dict)
    width_of: dict[Node, sp.Expr] = field(default_factory=dict)
    fixed_layer: dict[Node, sp.Expr] = field(default_factory=dict)
    constant: set[Node] = field(default_factory=set)

    def find(self, node: Node) -> tuple[Node, int]:
        """The representative, and how far this node's layer constant is above it."""
        self.parent.setdefault(node, node)
        shift = 0
        while self.parent[node] != node:
            shift += self.offset.get(node, 0)
            node = self.parent[node]
        return node, shift

    def join(self, a: Node, b: Node, gap: int = 0) -> None:
        """size(a) at layer l is size(b) at layer l + gap (gap 0 where there are no layers)."""
        ra, sa = self.find(a)
        rb, sb = self.find(b)
        if ra == rb:
            return
        self.parent[ra] = rb
        self.offset[ra] = sb + gap - sa
        if ra in self.named:
            if rb not in self.named and ra in self.beyond:
                self.beyond[rb] = self.beyond.pop(ra)
            self.named.setdefault(rb, self.named.pop(ra))
        if ra in self.exact:
            self.exact.setdefault(rb, self.exact.pop(ra))
        if ra in self.width_at:
            self.width_at.setdefault(rb, self.width_at.pop(ra) + self.offset[ra])
        if ra in self.multiple:
            self.multiple.setdefault(rb, self.multiple.pop(ra))
        if ra in self.slides:
            self.slides.setdefault(rb, self.slides.pop(ra))
        if ra in self.least:
            self.least[rb] = max(self.least.get(rb, 0), self.least.pop(ra))
        if ra in self.lowest:
            self.lowest[rb] = min(self.lowest.get(rb, 1), self.lowest.pop(ra))

    # --- facts from formulas -----------------------------------------------------------------------

    def learn(
        self, members: tuple[Formula, ...], ranges: dict[str, tuple[Formula, Formula]]
    ) -> None:
        """All uses of letters in one statement."""
        uses: dict[str, list[tuple[Node, Formula | None, int]]] = {}
        sliding: list[tuple[Node, dict[str, int], int]] = []
        bounds: dict[str, tuple[Formula | None, Formula | None]] = dict(ranges)
        equal: list[tuple[str, str]] = []
        count = 0

        def walk(f: Formula, env: dict[str, str]) -> None:
            nonlocal count
            if isinstance(f, Sum | Prod):
                count += 1
                fresh = f"{f.index.name}#{count}"
                bounds[fresh] = (f.lower, f.upper)
                walk(f.body, {**env, f.index.name: fresh})
                return
            if isinstance(f, Ref | Array):
                layer = f.indices[0] if f.name in self.layered and f.indices else None
                for k, i in enumerate(f.indices):
                    node = (f.name, k)
                    self.find(node)
                    if isinstance(i, Num):
                        value = int(i.value)
                        root, _ = self.find(node)
                        self.least[root] = max(self.least.get(root, 0), value)
                        self.lowest[root] = min(self.lowest.get(root, 1), value)
                        continue
                    letter, shift = affine_of(i)
                    if letter is not None:
                        own = layer if k else None
                        uses.setdefault(env.get(letter, letter), []).append((node, own, shift))
                    elif isinstance(i, Add) and layer is None:
                        slide = _slide(i)
                        if slide is not None:
                            factors = {env.get(x, x): n for x, n in slide[0].items()}
                            sliding.append((node, factors, slide[1]))
                return
            if isinstance(f, Bracket):
                sides = f.condition.children()
                pair = [env.get(m.name, m.name) for m in sides if isinstance(m, Idx)]
                if len(pair) == len(sides) == 2:
                    equal.append((pair[0], pair[1]))
            for child in f.children():
                walk(child, env)

        for member in members:
            walk(member, {})
        for letter, places in uses.items():
            first = places[0]
            self._letters.update(p[0] for p in places)
            for other in places[1:]:
                self._same(first, other)
            lower, upper = bounds.get(letter, (None, None))
            plain = [p for p in places if p[2] == 0] or places
            self._bound(plain[0], lower, upper)
        for a, b in equal:  # `[i = j]`: both letters run over one axis
            if a in uses and b in uses and uses[a][0][1] is None and uses[b][0][1] is None:
                self._same(uses[a][0], uses[b][0])
        for node, factors, shift in sliding:
            alone = tuple(
                (p[0], n) for x, n in factors.items() for p in uses.get(x, [])[:1] if p[2] == 0
            )
            if len(alone) == len(factors):
                self.slides.setdefault(self.find(node)[0], (alone, shift))

    def _same(
        self, a: tuple[Node, Formula | None, int], b: tuple[Node, Formula | None, int]
    ) -> None:
        (na, la, _), (nb, lb, _) = a, b
        gap = 0
        if la is not None and lb is not None:
            letter_a, shift_a = affine_of(la)
            letter_b, shift_b = affine_of(lb)
            if letter_a != letter_b:
                return  # at different layers: no size is shared
            gap = shift_b - shift_a
        elif la is not None or lb is not None:
            node, layer = (nb, la) if lb is None else (na, lb)
            other = na if lb is None else nb
            assert layer is not None
            letter, shift = affine_of(layer)
            base = size(letter) if letter in self.size_names else index(letter) if letter else 0
            value = sp.Integer(base) + shift if isinstance(base, int) else base + shift
            self.fixed_layer.setdefault(node, value)
            self._fix(node, other, value)
            return
        (ra, sa), (rb, sb) = self.find(na), self.find(nb)
        if ra == rb and sa != sb + gap:
            self.constant.add(na)  # h^{(l+1)} = h^{(l)} + …: layers of one width
        self.join(na, nb, gap)

    _letters: set[Node] = field(default_factory=set)
    _links: dict[Node, tuple[Node, sp.Expr]] = field(default_factory=dict)

    def _fix(self, node: Node, layered: Node, value: sp.Expr) -> None:
        self._links.setdefault(node, (layered, value))

    def _bound(
        self,
        place: tuple[Node, Formula | None, int],
        lower: Formula | None,
        upper: Formula | None,
    ) -> None:
        node, layer, shift = place
        root, _ = self.find(node)
        if isinstance(upper, Num):
            if layer is None:
                self.exact.setdefault(root, int(upper.value) + shift)
        elif isinstance(upper, Idx) and layer is None:
            self.named.setdefault(root, upper.name)
        elif isinstance(upper, Mul) and layer is None:
            match upper.factors:
                case (Num(text=times), Idx(name=one)) if one in self.size_names:
                    if times.isdigit():
                        self.multiple.setdefault(root, (int(times), one))
        elif isinstance(upper, Add) and layer is None and affine_of(upper)[0] in self.size_names:
            name, past = affine_of(upper)
            if name is not None and root not in self.named:
                self.named[root], self.beyond[root] = name, past + shift
        elif isinstance(upper, Ref) and len(upper.indices) == 1 and layer is not None:
            # s_{l-1}, the width of a layer
            letter, at = affine_of(layer)
            name, below = affine_of(upper.indices[0])
            if letter is not None and letter == name:
                self.width_at.setdefault(root, self.find(node)[1] - (below - at + self.first))
        elif isinstance(upper, Ref) and len(upper.indices) == 1 and layer is None:
            name, below = affine_of(upper.indices[0])
            if name in self.size_names and name is not None:
                self.width_of.setdefault(root, size(name) + below)
        if isinstance(lower, Num):
            self.lowest[root] = min(self.lowest.get(root, 1), int(lower.value) + shift)

    def _zero(self, root: Node) -> int:
        """Where a quantity that is an activation of its own layer stands: there the constant is 0."""
        if root in self.width_at:
            return self.width_at[root]
        for node in self.parent:
            if node[0] in self.anchors and node[1] == 1:
                found, shift = self.find(node)
                if found == root:
                    return shift
        return 0

    # --- answers -------------------------------------------------------------------------------------

    def upper(self, node: Node, layer: sp.Expr | None) -> sp.Expr:
        """The size of an axis: a number, a named size, or s[layer + c]."""
        self._join_samples()
        root, shift = self.find(node)
        shift -= self._zero(root)
        if layer is not None and root not in self.width_at and self._is_same_everywhere(root):
            layer = None
        if layer is not None:
            return sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))[
                layer + shift - self.first
            ]
        for member, (layered, value) in self._links.items():
            if self.find(member)[0] == root:
                _, above = self.find(layered)
                above -= self._zero(self.find(layered)[0])
                return sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))[
                    value + above - self.first
                ]
        if root in self.width_of:
            return sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))[self.width_of[root]]
        if root in self.named:
            return size(self.named[root]) + self.beyond.get(root, 0)
        if root in self.multiple:
            return self.multiple[root][0] * size(self.multiple[root][1])
        if root in self.exact:
            return sp.Integer(max(self.exact[root], self.least.get(root, 0)))
        return sp.Integer(0)

    def _of_samples(self, root: Node) -> bool:
        """Whether only last axes of matrices are of this size: the samples are as many at each layer."""
        return all(
            k >= 2 or (k == 1 and name in self.columns)
            for name, k in self._members(root) if name in self.layered
        )  # fmt: skip

    def _is_same_everywhere(self, root: Node) -> bool:
        """Whether the axes of this size are as long at every layer."""
        return any(self.find(n)[0] == root for n in self.constant) or self._of_samples(root)

    def _join_samples(self) -> None:
        """`A^{[0]} = X`: the samples of X are those of every layer."""
        for member, (layered, _) in list(self._links.items()):
            root, _ = self.find(layered)
            if root not in self.width_at and self._is_same_everywhere(root):
                del self._links[member]
                self.join(member, layered)

    def _members(self, root: Node) -> list[Node]:
        return [n for n in self.parent if self.find(n)[0] == root]

    def has_letter(self, node: Node) -> bool:
        """Whether an index letter ever runs over the axis (else only numbers stand there)."""
        root, _ = self.find(node)
        return any(self.find(n)[0] == root for n in self._letters)

    def has_size(self, node: Node) -> bool:
        """Whether anything says how long the axis is."""
        root, _ = self.find(node)
        if any(
            root in told
            for told in (self.named, self.multiple, self.exact, self.width_at, self.width_of)
        ):
            return True
        return root in self.slides or any(self.find(n)[0] == root for n in self._links)

    def slide_of(self, node: Node) -> Slide | None:
        """The axes over which this one slides; None where that leads back to it."""
        start = self.find(node)[0]
        stack, seen = [start], set[Node]()
        while stack:
            for part in (self.find(n)[0] for n, _ in self.slides.get(stack.pop(), ((), 0))[0]):
                if part == start:
                    return None
                if part not in seen:
                    seen.add(part)
                    stack.append(part)
        return self.slides.get(start)

    def lower(self, node: Node) -> sp.Expr:
        """Where an axis begins that slides over no others."""
        return sp.Integer(min(1, self.lowest.get(self.find(node)[0], 1)))


def _slide(i: Add) -> tuple[dict[str, int], int] | None:
    """The letters of `2t + k - 1` with their factors, and the number; None for anything else."""
    factors: dict[str, int] = {}
    shift = 0
    for x in i.terms:
        sign, term = (-1, x.body) if isinstance(x, Neg) else (1, x)
        times: Formula = Num("1")
        if isinstance(term, Mul) and len(term.factors) == 2:
            times, term = term.factors
        if isinstance(term, Num) and times == Num("1"):
            shift += sign * int(term.value)
        elif isinstance(term, Idx) and isinstance(times, Num) and term.name not in factors:
            factors[term.name] = sign * int(times.value)
        else:
            return None
    return (factors, shift) if len(factors) > 1 else None
