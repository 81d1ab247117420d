"""Systems of a document, place by place: what a claim at a place is a claim about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Hadamard,
    Idx,
    Neg,
    Num,
    Ones,
    Pow,
    Ref,
    Sum,
    add,
)
from symbackprop.judging.judge import Judge
from symbackprop.judging.letters import free_letters
from symbackprop.judging.verdict import Verdict
from symbackprop.system.model import Fact, Function, System
from symbackprop.verifying.affine import affine_of
from symbackprop.verifying.build import Builder, Definition, from_sympy, rename
from symbackprop.verifying.share import shared
from symbackprop.verifying.symbols import COSTS, SIZE_LETTERS
from symbackprop.verifying.understand import Statement, Understanding, has_derivative

Pattern = tuple[str, tuple[str, ...]]
NO_COST = "no_cost"


def pattern_of(d: Definition) -> Pattern:
    """What a definition defines: its name, and which indices are fixed."""
    marks = []
    for i in d.indices:
        letter, shift = affine_of(i)
        marks.append(f"#{shift}" if letter is None else letter if letter in SIZE_LETTERS else "*")
    return d.target, tuple(marks)


@dataclass(slots=True)
class Context:
    """One System with its judge, and the names that stand for formulas there."""

    system: System
    judge: Judge
    named: dict[str, tuple[tuple[str, ...], Formula]]
    defined: frozenset[str]
    upstream: dict[str, frozenset[str]]
    errors: dict[str, str]
    names: dict[str, str]
    depth: tuple[str, int] = ("L", 0)
    dropped: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """Judges the statements of one understood document."""

    u: Understanding
    budget: float = 2.0
    _contexts: dict[tuple[object, ...], Context | str] = field(default_factory=dict)
    extra: list[Definition] = field(default_factory=list)
    dropped: set[int] = field(default_factory=set)
    last_asked: dict[int, tuple[Context, Chain, tuple[str, ...]]] = field(default_factory=dict)
    _kept: list[Verdict] = field(default_factory=list)
    accumulated: dict[str, tuple[tuple[str, ...], Formula]] = field(default_factory=dict)
    _rates: set[str] | None = None
    _cost_counts: dict[str, int] = field(default_factory=dict)
    _splits: dict[
        tuple[int, ...],
        tuple[list[Definition], list[Definition], dict[str, tuple[tuple[str, ...], Formula]]],
    ] = field(default_factory=dict)
    _general: dict[int, Definition] = field(default_factory=dict)

    # --- which definitions hold at a place ----------------------------------------------------------

    def current(
        self, place: int, replaced: dict[int, Definition] | None = None
    ) -> list[Definition]:
        """For every pattern the latest definition up to `place`, else the first after it."""
        chosen: dict[Pattern, Definition] = {}
        for d in self.u.definitions + self.extra:
            if id(d) in self.dropped:
                continue
            if replaced and id(d) in replaced:
                d = replaced[id(d)]
            key = pattern_of(d)
            if key in chosen and d.weak and not chosen[key].weak:
                continue
            if d.place <= place or key not in chosen or (chosen[key].weak and not d.weak):
                chosen[key] = d
        strong = {d.target for d in chosen.values() if not d.weak}
        return [d for d in chosen.values() if not d.weak or d.target not in strong]

    # --- contexts -------------------------------------------------------------------------------------

    def context(
        self,
        place: int,
        cost: str | None,
        functions: dict[str, Function],
        replaced: dict[int, Definition] | None = None,
        about: Formula | None = None,
    ) -> Context | str:
        """The System at a place, with `cost` as its cost; a text that says why there is none.

        Only what is connected with `about` goes into it.
        """
        chosen = self.current(place, replaced)
        which = tuple(id(d) for d in chosen)
        if which not in self._splits:
            self._splits[which] = (chosen, *self._split(chosen))
        _, forward, named = self._splits[which]
        loose: frozenset[str] | None = None
        if about is not None:
            forward, loose = self._connected(forward, named, about, cost)
        key: tuple[object, ...] = (
            tuple(_key(d) for d in forward),
            tuple(sorted(named)),
            loose,
            cost,
            tuple(sorted((n, repr(f.expression)) for n, f in functions.items())),
        )
        if key not in self._contexts:
            try:
                self._contexts[key] = self._build_some(forward, named, cost, functions, loose)
            except SymbackpropError as error:
                self._contexts[key] = error.message or str(error)
            except (RecursionError, ValueError, TypeError, KeyError, AttributeError) as error:
                self._contexts[key] = (
                    f"its definitions do not fit together ({type(error).__name__}: {error})"
                )
        return self._contexts[key]

    def _build_some(
        self,
        forward: list[Definition],
        named: dict[str, tuple[tuple[str, ...], Formula]],
        cost: str | None,
        functions: dict[str, Function],
        loose: frozenset[str] | None,
    ) -> Context:
        """The context; a definition that alone spoils the System is left out (its names are free)."""
        try:
            return self._build(forward, named, cost, functions, loose)
        except SymbackpropError as error:
            first = error
        targets = list(dict.fromkeys(d.target for d in forward))
        trials = [{t} for t in reversed(targets)] + [set(targets[-n:]) for n in (2, 3, 4)]
        for left_out in trials[:12]:
            good = [d for d in forward if d.target not in left_out]
            if not good:
                continue
            try:
                context = self._build(good, named, cost, functions, loose)
            except SymbackpropError:
                continue
            said = (first.message or str(first)).split("\n")[0]
            context.dropped.update(dict.fromkeys(left_out, said))
            return context
        raise first

    def _connected(
        self,
        forward: list[Definition],
        named: dict[str, tuple[tuple[str, ...], Formula]],
        about: Formula,
        cost: str | None,
    ) -> tuple[list[Definition], frozenset[str]]:
        """The definitions that are joined to a statement by common names, and its own names."""
        names = _reads(about)
        if cost is not None and any(
            isinstance(n, Ref | Array) and n.name.startswith("d.") for n in about.walk()
        ):
            names.add(cost)
        own = set(names)
        for n in list(names):
            if n in named:
                names |= _reads(named[n][1])
        table = [(d, {d.target} | _reads(d.rhs)) for d in forward]
        grown = True
        while grown:
            grown = False
            for _, inside in table:
                if inside & names and not inside <= names:
                    names |= inside
                    grown = True
        kept = [d for d, inside in table if inside & names]
        covered = {n for d in kept for n in (d.target, *_reads(d.rhs))}
        return kept, frozenset(own - covered - set(named) - set(self.u.errors) - self.rates())

    def _split(
        self, chosen: list[Definition]
    ) -> tuple[list[Definition], dict[str, tuple[tuple[str, ...], Formula]]]:
        """Equations of the network, and names for formulas with derivatives."""
        chosen = [self.at_last(d) for d in chosen]
        forward: list[Definition] = []
        named: dict[str, tuple[tuple[str, ...], Formula]] = {}
        derived = {d.target for d in chosen if has_derivative(d.rhs)} | set(self.u.errors)
        named.update(self.accumulated)
        for d in chosen:
            if d.target in self.u.errors or self.loose_letters(d) or self.of_one_sample(d):
                continue
            if d.target in derived or _reads(d.rhs) & derived:
                letters = tuple(affine_of(i)[0] or "" for i in d.indices)
                if (
                    all(letters)
                    and d.target not in named
                    and all(isinstance(i, Idx) for i in d.indices)
                ):
                    named[d.target] = (letters, self.substituted(d.rhs))
                derived.add(d.target)
                continue
            forward.append(d)
        return shared(general_only(forward)), named

    def at_last(self, d: Definition) -> Definition:
        """`h = a^{(3)}` in a text that says n_l = 3: h is the output of a network of any depth."""
        rhs = d.rhs
        if (
            not isinstance(rhs, Ref | Array)
            or not rhs.indices
            or not isinstance(rhs.indices[0], Num)
        ):
            return d
        for name, value in self.u.size_values.items():
            if rhs.indices[0].value == value and name in SIZE_LETTERS:
                key = id(d)
                if key not in self._general:
                    self._general[key] = replace(
                        d, rhs=type(rhs)(rhs.name, (Idx(name), *rhs.indices[1:]))
                    )
                return self._general[key]
        return d

    def of_one_sample(self, d: Definition) -> bool:
        """`J^{(t)} = …` of the values for sample t, which the document defines for one sample only."""
        if not d.indices or self._letter(d.target) not in COSTS or has_derivative(d.rhs):
            return False
        targets = {x.target for x in self.u.definitions if x is not d}
        return not _reads(d.rhs) & targets

    def loose_letters(self, d: Definition) -> list[str]:
        """Index letters on the right that neither the left side nor a sum binds."""
        known = (
            {affine_of(i)[0] for i in d.indices} | set(self.u.resolver.sizes) | set(SIZE_LETTERS)
        )
        return [x for x in free_letters(d.rhs, {}) if x not in known]

    def sized(self, f: Formula, context: Context) -> Formula:
        """A column of ones gets as many entries as the array that the equation is about."""
        if not any(isinstance(n, Ones) for n in f.walk()):
            return f
        head = next((n for n in f.walk() if isinstance(n, Array)), None)
        q = context.system.by_name.get(head.name.removeprefix("d.")) if head is not None else None
        if q is None or not q.axes:
            return f
        upper = from_sympy(q.axes[-1].upper, {})
        if upper is None:
            return f
        return f.rewrite(lambda n: Ones(upper) if isinstance(n, Ones) else None)

    def with_ones(self, f: Formula, context: Context) -> Formula:
        """`1 - h^2` of a vector h: the 1 is a vector of ones."""

        def vector(n: Formula) -> bool:
            if isinstance(n, Array):
                q = context.system.by_name.get(n.name.removeprefix("d."))
                return q is not None and len(q.axes) - len(n.indices) == 1
            if isinstance(n, Hadamard):
                return all(vector(x) for x in n.factors)
            if isinstance(n, Neg):
                return vector(n.body)
            return isinstance(n, Call) and len(n.args) == 1 and vector(n.args[0])

        def change(n: Formula) -> Formula | None:
            if not isinstance(n, Add):
                return None
            kinds = [vector(t) for t in n.terms]
            fitting = all(k or t == Num("1") for k, t in zip(kinds, n.terms, strict=True))
            if any(kinds) and fitting:
                return Add(tuple(Ones(Idx("?")) if t == Num("1") else t for t in n.terms))
            return None

        return f.rewrite(change)

    def powers(self, f: Formula) -> Formula:
        """`h^2` of a vector is taken entry by entry."""

        def change(n: Formula) -> Formula | None:
            of_array = isinstance(n, Pow) and isinstance(n.base, Array)
            if of_array and isinstance(n, Pow) and n.exponent in (Num("2"), Num("3")):
                assert isinstance(n.exponent, Num)
                return Hadamard((n.base,) * int(n.exponent.text))
            return None

        return f.rewrite(change)

    def substituted(self, f: Formula) -> Formula:
        """Named errors replaced by the derivative that they are."""
        errors = self.u.errors

        def change(n: Formula) -> Formula | None:
            if isinstance(n, Ref | Array) and n.name in errors:
                return type(n)(f"d.{errors[n.name]}", n.indices, span=n.span)
            return None

        return f.rewrite(change) if errors else f

    def _build(
        self,
        forward: list[Definition],
        named: dict[str, tuple[tuple[str, ...], Formula]],
        cost: str | None,
        functions: dict[str, Function],
        loose: frozenset[str] | None = None,
    ) -> Context:
        u = self.u
        used: list[Formula] = []
        names: set[str] = set()
        for s in u.statements:
            if s.meant is not None and s.sort not in ("remark", "shape"):
                used.append(self.substituted(s.meant))
        numerators = {
            n.of.name for f in used for n in f.walk()
            if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref)
        }  # fmt: skip
        unknown: dict[str, tuple[str, ...]] = {}
        defined = {d.target for d in forward}
        somewhere = {d.target for d in u.definitions if not self.of_one_sample(d)}
        for f in used:
            for n in f.walk():
                if (
                    isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and n.of.indices
                    and isinstance(n.by, Ref | Array) and n.of.name not in somewhere
                    and n.by.name not in defined and n.of.name not in u.errors
                ):  # fmt: skip
                    known = unknown.get(n.of.name, ())
                    if n.by.name not in known:
                        unknown[n.of.name] = (*known, n.by.name)
        numerators -= set(unknown)
        arity = self._arity(used, forward)
        by_layer, by_time = self._recurring(forward, used)
        hidden = (numerators - defined) | set(named) | set(u.errors)
        if cost is not None and cost not in defined:
            hidden.add(cost)
        first = self._first_layer(forward, used, by_layer)
        last = self._last("L", ("n_l", "L", "n_L", "N", "H"))
        shift = first if by_layer else 0
        if shift:
            forward = [
                replace(
                    d,
                    rhs=deeper(d.rhs, last, shift),
                    indices=tuple(deeper(i, last, shift) for i in d.indices),
                )
                for d in forward
            ]
            used = [deeper(f, last, shift) for f in used]
            named = {n: (letters, deeper(f, last, shift)) for n, (letters, f) in named.items()}
        wanted = (
            (loose or frozenset())
            | {d.target for d in forward}
            | {n for d in forward for n in _reads(d.rhs)}
        )
        if loose is not None:
            used = [f for f in used if _reads(f) & wanted]
        builder = Builder(
            arity,
            u.resolver.sizes,
            tuple(functions.values()),
            self._facts(arity),
            by_layer,
            by_time,
            first=first,
            last=last,
            last_time="T",
            widths=bool(u.resolver.widths),
            unknown=unknown,
            names=u.resolver.symbols.names,
        )
        hidden |= self.rates()
        clean = [_without(f, hidden) for f in used]
        system = builder.build(
            "document", forward, [c for c in clean if c is not None], cost or NO_COST
        )
        names |= {q.name for q in system.quantities}
        upstream = _upstream(forward)
        for lost, by in unknown.items():
            for name, above in list(upstream.items()):
                if lost in above:
                    upstream[name] = above | set(by)
            upstream[lost] = frozenset(by)
        if cost is not None and cost not in defined:
            upstream[cost] = frozenset(defined) | frozenset(x for v in upstream.values() for x in v)
        return Context(
            system,
            Judge(system, self.budget),
            named,
            frozenset(defined | set(unknown) | ({cost} if cost else set())),
            upstream,
            dict(u.errors),
            u.resolver.symbols.names,
            (last, shift),
        )

    def _last(self, default: str, names: Iterable[str]) -> str:
        for n in names:
            if n in self.u.resolver.sizes:
                return n
        return default

    def _first_layer(
        self, forward: list[Definition], used: list[Formula], by_layer: frozenset[str]
    ) -> int:
        numbers = [
            affine_of(n.indices[0])[1]
            for f in [d.rhs for d in forward] + used
            for n in f.walk()
            if isinstance(n, Ref | Array) and n.name in by_layer and n.indices
            and affine_of(n.indices[0])[0] is None
        ]  # fmt: skip
        return min([1, *numbers])

    def _arity(self, used: list[Formula], forward: list[Definition]) -> dict[str, int]:
        symbols = self.u.resolver.symbols
        arity: dict[str, int] = {}
        for f in [*used, *(d.rhs for d in forward)]:
            for n in f.walk():
                if isinstance(n, Ref):
                    name = n.name.removeprefix("d.")
                    arity[name] = max(arity.get(name, 0), len(n.indices))
                elif isinstance(n, Array):
                    name = n.name.removeprefix("d.")
                    rank = self.u.resolver.ranks.get(name, 0)
                    arity[name] = max(arity.get(name, 0), len(n.indices) + rank)
        for s in symbols.symbols:
            w = symbols.resolve(s)
            if w.missing:
                arity[w.name] = max(arity.get(w.name, 0), len(w.indices) + w.missing)
        for d in forward:
            arity[d.target] = max(arity.get(d.target, 0), len(d.indices))
        return arity

    def _recurring(
        self, forward: list[Definition], used: list[Formula]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Names whose first axis is a layer (superscripts) or a time (subscripts)."""
        symbols = self.u.resolver.symbols
        by_layer: set[str] = set()
        for s in symbols.symbols:
            group = symbols.groups[(s.base, s.accent, s.primes)]
            w = symbols.resolve(s)
            if (
                w.indices
                and s.sup
                and w.name.endswith("_up")
                and group.sup_letters & {"l", "L", "n_l", "ell", "n_L"}
            ):
                by_layer.add(w.name)
        by_time: set[str] = set()
        letters: set[str] = set()
        for d in forward:
            first = affine_of(d.indices[0])[0] if d.indices else None
            if first is None or d.target in by_layer:
                continue
            for n in d.rhs.walk():
                if isinstance(n, Ref | Array) and n.indices:
                    letter, shift = affine_of(n.indices[0])
                    if letter == first and shift == -1:
                        letters.add(letter)
        for d in forward:
            for n in (Ref(d.target, d.indices), *d.rhs.walk()):
                if (
                    isinstance(n, Ref | Array)
                    and n.indices
                    and affine_of(n.indices[0])[0] in letters
                ) and n.name not in by_layer:
                    by_time.add(n.name)
        return frozenset(by_layer), frozenset(by_time)

    def _facts(self, arity: dict[str, int]) -> dict[str, frozenset[Fact]]:
        from symbackprop.verifying.build import LETTERS

        found: dict[str, frozenset[Fact]] = {}
        for name, facts in self.u.facts.items():
            found[name] = frozenset(
                Fact(f.kind, LETTERS[int(f.over[1:])]) if f.over.startswith("#") else f
                for f in facts
            )
        del arity
        return found

    # --- one statement ---------------------------------------------------------------------------------

    def costs_of(self, f: Formula) -> list[str]:
        """Scalars that are differentiated in a formula, the most cost-like first."""
        found: dict[str, None] = {}
        for n in f.walk():
            if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and not n.of.indices:
                found.setdefault(n.of.name)
        return sorted(found, key=lambda n: self._letter(n) not in COSTS)

    def default_cost(self, place: int) -> str | None:
        """The cost in force at a place: a defined cost letter, else the most differentiated scalar."""
        counts = self._cost_counts
        last: str | None = None
        if not counts:
            counts["#"] = 0
            for s in self.u.statements:
                for c in self.costs_of(s.meant) if s.meant is not None else ():
                    counts[c] = counts.get(c, 0) + 1
        defined = {d.target for d in self.u.definitions if not d.indices}
        for d in self.u.definitions:
            if not d.indices and self._letter(d.target) in COSTS and d.place <= place:
                last = d.target
        likely = sorted(
            (c for c in counts if c != "#"),
            key=lambda c: (self._letter(c) not in COSTS, c not in defined, -counts[c]),
        )
        if likely and self._letter(likely[0]) in COSTS:
            return likely[0]
        if last is not None:
            return last
        return None

    def _letter(self, name: str) -> str:
        shown = self.u.resolver.symbols.names.get(name, name)
        return shown.lstrip("\\").split("_")[0].split("^")[0].split("{")[0] or name

    def judge(
        self,
        s: Statement,
        chain: Chain,
        functions: dict[str, Function],
        replaced: dict[int, Definition] | None = None,
        wanted: str | None = None,
    ) -> tuple[Verdict, Context | None]:
        """The verdict on a resolved chain at the place of its statement."""
        chain = self.substituted(chain)  # type: ignore[assignment]
        costs = self.costs_of(chain)
        default = self.default_cost(s.place)
        needs_cost = any(
            isinstance(n, Ref | Array) and n.name.startswith("d.") for n in chain.walk()
        )
        cost = (
            costs[0] if costs and (self._letter(costs[0]) in COSTS or not needs_cost) else default
        )
        if chain.relations == ("<-",):
            named_costs = costs or (self.costs_of(s.meant) if s.meant is not None else [])
            if named_costs:
                cost = named_costs[0]
            elif _reads(chain) & set(self.accumulated):
                cost = self.whole_cost() or default
        if wanted is not None:
            cost = wanted
        chain = self.last_layer_named(chain)  # type: ignore[assignment]
        found = self.context(s.place, cost, functions, replaced, chain)
        if isinstance(found, str):
            return Verdict("not_understood", reason=found), None
        reason = self.baseless(chain, found)
        if reason:
            return Verdict("not_understood", reason=reason), found
        constants = [
            n.name
            for n in chain.walk()
            if isinstance(n, Ref) and not n.indices and self._is_rate(n.name, found)
        ]
        chain = self.with_ones(self.powers(chain), found)  # type: ignore[assignment]
        chain = deeper(self.sized(chain, found), *found.depth)  # type: ignore[assignment]
        free = tuple(dict.fromkeys(constants))
        verdict = found.judge.judge(chain, found.named, constants=free)
        if verdict.kind in ("refuted", "ill_formed"):
            other = self.other_sample(chain, found)
            if other:
                verdict = Verdict(
                    "not_understood",
                    reason=f"{self.shown(other)} is defined nowhere in the document",
                )
        self.last_asked[id(verdict)] = (found, chain, free)
        self._kept.append(verdict)
        return verdict, found

    def other_sample(self, chain: Formula, context: Context) -> str:
        """A name such as `a^{(3,t)}`: a defined quantity with a script that no definition has."""
        bases = {self._letter(n) for n in context.defined}
        for name in sorted(_reads(chain)):
            if "_up_" in name and name not in context.defined and self._letter(name) in bases:
                return name
        known = {n for d in self.u.definitions for n in (d.target, *_reads(d.rhs))}
        for name in sorted(_reads(chain)):
            if self.u.resolver.ranks.get(name) == 2 and name not in known:
                return name
        return ""

    def shallower(self, f: Formula, context: Context) -> Formula:
        """The inverse of `deeper`, for what is shown."""
        last, shift = context.depth
        if not shift:
            return f

        def change(n: Formula) -> Formula | None:
            if isinstance(n, Ref | Array) and n.indices and n.name != "s":
                return type(n)(n.name, tuple(_less(i, last, shift) for i in n.indices))
            return None

        return f.rewrite(change)

    def whole_cost(self) -> str | None:
        """The cost of the whole training set, where a document tells it from that of one example."""
        for d in self.u.definitions:
            if d.target.endswith("_all") and not d.indices:
                return d.target
        return None

    def last_layer_named(self, chain: Formula) -> Formula:
        """`h = a^{(3)}` where h stands for the output of a network of any depth: 3 is n_l there."""
        names = _reads(chain)
        general = {d.target for d in self.u.definitions if self.at_last(d) is not d}
        if not names & general:
            return chain

        def change(n: Formula) -> Formula | None:
            if isinstance(n, Ref | Array) and n.indices and isinstance(n.indices[0], Num):
                for name, value in self.u.size_values.items():
                    if n.indices[0].value == value and name in SIZE_LETTERS:
                        return type(n)(n.name, (Idx(name), *n.indices[1:]), span=n.span)
            return None

        return chain.rewrite(change)

    def rates(self) -> set[str]:
        """Scalars that only stand in updates: learning rates and their like."""
        if self._rates is None:
            self._rates = self._find_rates()
        return self._rates

    def _find_rates(self) -> set[str]:
        inside: set[str] = set()
        outside: set[str] = set()
        for s in self.u.statements:
            if s.meant is None or s.sort in ("remark", "shape"):
                continue
            names = {n.name for n in s.meant.walk() if isinstance(n, Ref) and not n.indices}
            if s.sort == "update":
                targets = {m.name for m in s.meant.members[:1] if isinstance(m, Ref | Array)}
                inside |= names - targets
                outside |= targets
            elif s.sort != "numeric":
                outside |= names
        return inside - outside

    def _is_rate(self, name: str, context: Context) -> bool:
        return (
            name not in context.system.by_name
            and not name.startswith("d.")
            and name not in context.named
        )

    def baseless(self, chain: Chain, context: Context) -> str:
        """A derivative of something undefined, or by something it cannot depend on."""
        zero = any(m == Num("0") for m in chain.members)
        if context.dropped:
            names = _reads(chain)
            for one in list(names):
                names |= context.upstream.get(one, frozenset())
            if any(isinstance(n, Ref | Array) and n.name.startswith("d.") for n in chain.walk()):
                names |= {context.system.cost} | context.upstream.get(
                    context.system.cost, frozenset()
                )
            gone = sorted(names & set(context.dropped))
            if gone:
                return f"the definition of {self.shown(gone[0])} does not fit: {context.dropped[gone[0]]}"
        for n in chain.walk():
            if (
                isinstance(n, Ref | Array)
                and n.name.startswith("d.")
                and context.system.cost == NO_COST
            ):
                return "no cost is defined that the error could be a derivative of"
            if not isinstance(n, Deriv | Grad):
                continue
            by = [r.name for r in n.by.walk() if isinstance(r, Ref | Array)]
            of = {r.name for r in n.of.walk() if isinstance(r, Ref | Array)}
            if not by:
                return "a derivative by something that is not a quantity"
            for name in of:
                if name.startswith("d."):
                    continue
                if (
                    name not in context.defined
                    and name not in context.named
                    and name not in by
                    and (isinstance(n.of, Ref | Array))
                ):
                    return f"{self.shown(name)} is never defined in the document"
            if zero or isinstance(n.of, Call):
                continue
            reach = set(of)
            for name in of:
                reach |= context.upstream.get(name, frozenset())
                if name in context.named:
                    reach |= _reads(context.named[name][1])
            if isinstance(n.of, Ref | Array) and not any(b in reach for b in by):
                return (
                    f"{self.shown(next(iter(of), ''))} does not depend on {self.shown(by[0])} "
                    "in the definitions of the document"
                )
        return ""

    def shown(self, name: str) -> str:
        return self.u.resolver.symbols.names.get(name, name)


def _less(i: Formula, last: str, shift: int) -> Formula:
    letter, own = affine_of(i)
    if letter != last:
        return i
    own -= shift
    return (
        Idx(last) if not own else add(Idx(last), Num(str(own)) if own > 0 else Neg(Num(str(-own))))
    )


def deeper(f: Formula, last: str, shift: int) -> Formula:
    """The last layer counted from the first one: where layers start at 1, `L` becomes L + 1.

    The judge's depth is then the number of weight layers, whatever the document counts.
    """
    if not shift:
        return f

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Idx) and n.name == last:
            return add(n, Num(str(shift)))
        if isinstance(n, Ref) and n.name == "s" and len(n.indices) == 1:
            inside = deeper(n.indices[0], last, shift)
            return Ref("s", (add(inside, Neg(Num(str(shift)))),))
        return None

    return f.rewrite(change)


def general_only(chosen: list[Definition]) -> list[Definition]:
    """Instances (`a_1^{(2)} = …`) left out where a general equation (`a^{(l+1)} = …`) covers them.

    A base case (the first layer) stays: no recurrence covers it.
    """
    general = {}
    for d in chosen:
        marks = pattern_of(d)[1]
        if marks and all(m == "*" for m in marks):
            shifts = [affine_of(i)[1] for i in d.indices]
            general[d.target] = shifts
    kept = []
    for d in chosen:
        marks = pattern_of(d)[1]
        if (
            (d.target in general and "*" in "".join(marks[:1] or ("*",)))
            or (
                d.target in general
                and marks[0] in ("#0", "#1")
                and all(m == "*" for m in marks[1:])
            )
            or d.target not in general
        ):
            kept.append(d)
    return kept


def _key(d: Definition) -> tuple[int, int]:
    return id(d.rhs), id(d.indices)


def _reads(f: Formula) -> set[str]:
    return {n.name.removeprefix("d.") for n in f.walk() if isinstance(n, Ref | Array)}


def _without(f: Formula, hidden: set[str]) -> Formula | None:
    """The formula for learning sizes and names, hidden names left out (they are no free quantities)."""
    if not hidden:
        return f

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Ref | Array) and n.name in hidden:
            return Num("1")
        return None

    return f.rewrite(change)


def _upstream(forward: list[Definition]) -> dict[str, frozenset[str]]:
    reads: dict[str, set[str]] = {}
    for d in forward:
        reads.setdefault(d.target, set()).update(_reads(d.rhs))
    found: dict[str, frozenset[str]] = {}

    def visit(name: str) -> frozenset[str]:
        seen: set[str] = set()
        stack = [name]
        while stack:
            for other in reads.get(stack.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return frozenset(seen)

    for name in reads:
        found[name] = visit(name)
    return found


__all__ = ["Context", "Session", "Sum", "pattern_of", "rename"]
