"""verify: a verdict for every equation of a document, the wrong ones explained."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from symbackprop.documents.scan import Piece, Scan, scan, scan_text
from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    Mul,
    Neg,
    Num,
    Ref,
    Sum,
    Sym,
    mul,
)
from symbackprop.judging.verdict import ACCEPTED, Verdict
from symbackprop.system.model import Function
from symbackprop.verifying.build import Definition
from symbackprop.verifying.charity import Reading, readings, slips
from symbackprop.verifying.codes import BY_REPAIR
from symbackprop.verifying.hazards import hazards
from symbackprop.verifying.mending import edits, regrouped
from symbackprop.verifying.numeric import judge_numbers
from symbackprop.verifying.profile import Profile, infer
from symbackprop.verifying.resolve import Unclear
from symbackprop.verifying.results import EquationResult, Finding, MemberResult, Report
from symbackprop.verifying.roots import find_roots
from symbackprop.verifying.session import Session
from symbackprop.verifying.settings import Settings, settings_for
from symbackprop.verifying.symbols import COSTS, FRESH
from symbackprop.verifying.understand import (
    Statement,
    Understanding,
    _meaning,
    read_all,
    understand,
)
from symbackprop.verifying.written import Rewriter

ORDER = (
    "refuted",
    "ill_formed",
    "inconsistent",
    "misprint",
    "not_understood",
    "agrees",
    "proved",
    "definition",
)
"""Worst first: a display's verdict is the worst of its statements."""


def verify(
    source: Path | str | Sequence[Path],
    *,
    network: str | None = None,
    notation: str | None = None,
    budget: float = 2.0,
    sidecar: Path | None = None,
) -> Report:
    """Judge every equation of a text (str), a file, a folder or several. Raises FileError."""
    reports = []
    for one in documents(source):
        reports.append(
            verify_scan(one, network=network, notation=notation, budget=budget, sidecar=sidecar)
        )
    return Report.joined(reports)


def documents(source: Path | str | Sequence[Path]) -> list[Scan]:
    """The documents that a source names: a str is the text itself."""
    if isinstance(source, str):
        return [scan_text(source)]
    if isinstance(source, Path):
        source = [source]
    found: list[Scan] = []
    for path in source:
        if path.is_dir():
            inside = sorted(
                p for p in path.rglob("*")
                if p.suffix.lower() in (".md", ".markdown", ".tex", ".ipynb") and p.is_file()
            )  # fmt: skip
            found += [scan(p) for p in inside]
        else:
            found.append(scan(path))
    return found


def verify_scan(
    document: Scan,
    *,
    network: str | None = None,
    notation: str | None = None,
    budget: float = 2.0,
    sidecar: Path | None = None,
) -> Report:
    """Judge one scanned document."""
    start = time.monotonic()
    settings = settings_for(document, network, notation, sidecar)
    if settings.network is not None or settings.notation is not None:
        from symbackprop.verifying.known import verify_known

        return verify_known(document, settings, budget, start)
    document = with_settings(document, settings)
    prose = "\n".join(p.before for p in document.pieces)
    profile = infer(document.pieces, prose, settings.functions)
    statements, failed = read_all(document, profile)
    u = understand(document, profile, statements)
    verifier = Verifier(Session(u, budget))
    verdicts = verifier.run()
    results = assemble(document, u, verdicts, failed, verifier)
    shown = {**profile_of(u), **settings.shown()}
    return Report(
        tuple(results), tuple(verifier.findings), {document.name: shown}, time.monotonic() - start
    )


SIDECAR = "<sidecar>"


def with_settings(document: Scan, settings: Settings) -> Scan:
    """The document with the definitions of its sidecar before (or inside) it; ignored displays left out."""
    pieces = list(document.pieces)
    ignored = {"".join(i.split()) for i in settings.ignore}
    if ignored:
        pieces = [
            replace(p, problem="left out by the sidecar")
            if any(i in "".join(p.latex.split()) for i in ignored) else p
            for p in pieces
        ]  # fmt: skip
    for line, texts in ((0, settings.definitions), *settings.scopes):
        if texts:
            at = (
                next((k for k, p in enumerate(pieces) if p.line >= line), len(pieces))
                if line
                else 0
            )
            pieces[at:at] = [Piece(t, SIDECAR, line, 1, True, exact=False) for t in texts]
    return replace(document, pieces=tuple(pieces))


def profile_of(u: Understanding) -> dict[str, object]:
    """The inferred profile, for people."""
    symbols = u.resolver.symbols
    return {
        "functions": {
            n: [str(f.expression) if f.expression is not None else "abstract" for f in rows]
            for n, rows in u.functions.items()
        },
        "index letters": sorted(symbols.letters),
        "sizes": sorted(u.resolver.sizes),
        "vectors and matrices": {
            symbols.names.get(n, n): r for n, r in sorted(u.resolver.ranks.items())
        },
        "errors": {symbols.names.get(k, k): symbols.names.get(v, v) for k, v in u.errors.items()},
        "defined": sorted({symbols.names.get(d.target, d.target) for d in u.definitions}),
        "kronecker": sorted(u.profile.kronecker),
    }


class Verifier:
    """Judges all statements of one document in reading order."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.u: Understanding = session.u
        self.codes: dict[int, str] = {}
        self.repairs: dict[int, str] = {}
        self.origins: dict[int, str] = {}
        self.diagnoses: dict[int, str] = {}
        self.findings: list[Finding] = []
        self.known: frozenset[Sym] = frozenset()
        self.values: dict[Sym, Formula] = {}

    def run(self) -> dict[int, Verdict]:
        """The verdict of each statement, by its position in the list."""
        found: dict[int, Verdict] = {}
        self.known = self._known_symbols()
        self.find_accumulators()
        for i, s in enumerate(self.u.statements):
            if s.sort != "remark":
                try:
                    found[i] = self.with_charity(s, i)
                    if s.lost and found[i].kind in ACCEPTED:
                        found[i] = replace(found[i], kind="not_understood", reason=s.lost)
                except (RecursionError, ValueError, TypeError, LookupError, AttributeError,
                        ArithmeticError, AssertionError, SymbackpropError) as error:  # fmt: skip
                    # Strangers' text must never end the run; what went wrong is said instead.
                    found[i] = Verdict(
                        "not_understood", reason=f"could not be judged ({type(error).__name__})"
                    )
        self.find_origins(found)
        self.find_inherited(found)
        self.diagnose_all(found)
        self.findings += hazards(self.u.statements)
        return found

    def find_origins(self, found: dict[int, Verdict]) -> None:
        """Definitions whose mending makes several refuted claims true are inconsistent with them."""
        statements = self.u.statements

        def again(s: Statement, replaced: dict[int, Definition]) -> Verdict:
            assert s.meant is not None
            return self.session.judge(s, s.meant, self.functions(s), replaced)[0]

        roots, mended = find_roots(statements, found, self.u.definitions, again)
        if not roots:
            return
        places = []
        for root in roots:
            i = next(k for k, s in enumerate(statements) if root.definition in s.defines)
            places.append(i)
            mends = ", ".join(self.where(k) for k in sorted(root.mends))
            found[i] = Verdict(
                "inconsistent",
                reason=f"{root.lacks} is missing: with it {mends} hold",
                members=found[i].members,
            )
            self.codes[i] = "R301"
            self.repairs[i] = f"{statements[i].piece.latex.strip()}  with {root.lacks}"
        origin = " and ".join(self.where(i) for i in places)
        for k in mended:
            self.origins[k] = origin
        lacks = " / ".join(dict.fromkeys(r.lacks for r in roots))
        self.findings.append(
            Finding(
                "R301",
                "root cause",
                tuple(
                    (statements[i].piece.file, statements[i].piece.line)
                    for i in (*places, *sorted(mended))
                ),
                f"{origin}: write {lacks}; this mends {len(mended)} equations "
                f"({', '.join(self.where(k) for k in sorted(mended))})",
            )
        )

    def explained(self, i: int, e: EquationResult) -> EquationResult:
        """The result with its code, diagnosis and repair."""
        code = self.codes.get(i, "")
        repair = self.repairs.get(i, "")
        diagnosis = self.diagnoses.get(i, "")
        if e.verdict == "refuted":
            code = code or ("R111" if e.kind == "numeric" else "R101")
            if i in self.origins:
                code, diagnosis = "R120", f"inherited: see {self.origins[i]}"
        elif e.verdict == "ill_formed":
            code = code or "F101"
        elif e.verdict == "inconsistent":
            code = code or "I101"
        elif e.verdict == "not_understood":
            code = (
                "N503" if "never defined" in e.reason else "N502" if "time" in e.reason else "N501"
            )
        elif e.verdict == "misprint":
            diagnosis = diagnosis or e.reason
        else:
            code = ""
        example = e.counterexample
        if example is not None:
            names = self.u.resolver.symbols.names
            values = tuple((_shown_name(n, names), v) for n, v in example.values)
            example = replace(example, values=values)
        return replace(e, code=code, repair=repair, diagnosis=diagnosis, counterexample=example)

    def diagnose_all(self, found: dict[int, Verdict]) -> None:
        """The cheapest true edit of every wrong statement that inherits nothing."""
        from symbackprop.judging.diagnose import diagnose

        deadline = time.monotonic() + max(4.0, 2 * self.session.budget)
        for i, v in found.items():
            if v.kind not in ("refuted", "ill_formed") or i in self.origins:
                continue
            if time.monotonic() > deadline:
                return
            asked = self.session.last_asked.get(id(v))
            if asked is None:
                continue
            context, chain, constants = asked
            try:
                repair = diagnose(
                    chain, context.judge, v, context.named, constants=constants, seconds=0.5
                )
            except (SymbackpropError, RecursionError, ValueError, TypeError, LookupError, ArithmeticError,
                    AttributeError, AssertionError):  # fmt: skip
                repair = None
            if repair is None:
                self.mend(i, v)
                continue
            self.codes[i] = BY_REPAIR.get(repair.code.split("+")[0], "R101")
            self.diagnoses[i] = repair.meaning
            rewriter = Rewriter(self.u.resolver.symbols, context.errors, context.system.cost)
            written = [rewriter(self.session.shallower(repair.after, context))]
            written += [rewriter(self.session.shallower(t.after, context)) for t in repair.ties[:2]]
            self.repairs[i] = "  or  ".join(dict.fromkeys(written)) if not repair.cost_name else ""
            if repair.cost_name:
                self.diagnoses[i] = f"right for the cost {repair.cost_name}"

    def mend(self, i: int, v: Verdict) -> None:
        """The first edit of the written statement that the judge accepts."""
        from symbackprop.formula.latex_writer import write

        s = self.u.statements[i]
        found = slips(s, self.u, self.known)
        chain = found[-1].chain if found else s.chain
        wrong = [k + 1 for k, m in enumerate(v.members) if m.kind not in ACCEPTED]
        places = wrong or list(range(1, len(chain.members)))
        for broken in [k for k in places if k < len(chain.members)][:3]:
            for code, meaning, member in islice(edits(chain, broken), 30):
                pair = Chain((chain.members[0], member), ("=",))
                verdict = self.reread(replace(s, defines=[]), pair)
                if verdict is not None and verdict.kind in ("proved", "agrees"):
                    self.codes[i], self.diagnoses[i] = code, meaning
                    self.repairs[i] = write(member, inline=True)
                    return

    def where(self, i: int) -> str:
        s = self.u.statements[i]
        return f"({s.label})" if s.label else f"line {s.piece.line}"

    def _known_symbols(self) -> frozenset[Sym]:
        """Symbols that a definition, a derivative's denominator or an update knows."""
        known: set[Sym] = set()
        for s in self.u.statements:
            if s.defines or s.sort in ("update", "function", "numeric", "fact", "shape"):
                known |= {n for n in s.chain.walk() if isinstance(n, Sym)}
        return frozenset(known)

    def with_charity(self, s: Statement, i: int) -> Verdict:
        """The verdict, slips of the pen mended first; other readings where it does not hold."""
        found = slips(s, self.u, self.known)
        if found:
            verdict = self.reread(s, found[-1].chain)
            if verdict is None and s.sort in ("definition", "cost"):
                verdict = Verdict("definition")
            if verdict is not None and verdict.kind not in ACCEPTED and s.defines:
                verdict = self.without_schemas(s, found[-1].chain)
            if verdict is None and s.sort in ("shape", "cost"):
                verdict = Verdict("definition")
            if verdict is not None and verdict.kind in ACCEPTED:
                return self.misprint(i, found, verdict)
        else:
            verdict = None
        if verdict is None or verdict.kind == "not_understood":
            verdict = self.statement(s)
        if verdict.kind in ACCEPTED or s.sort in ("numeric", "update"):
            return verdict
        for reading in readings(s, self.u, found[-1].chain if found else s.chain):
            other = self.reread(s, reading.chain)
            if other is not None and other.kind in ("proved", "agrees"):
                return self.misprint(i, [*found, reading], other)
        return verdict

    def without_schemas(self, s: Statement, chain: Chain) -> Verdict | None:
        """A definition without those members that speak of nothing the document defines or uses."""
        used = {
            n.name for d in self.u.definitions
            if d not in s.defines and self.session._letter(d.target) not in COSTS for n in d.rhs.walk()
            if isinstance(n, Ref | Array)
        } | {d.target for d in self.u.definitions}  # fmt: skip
        other = Statement(s.place, s.piece, chain, s.label, s.sort)
        _meaning(other, self.u)
        if other.meant is None:
            return None
        kept = [other.meant.members[0]]
        for m in other.meant.members[1:]:
            names = {n.name for n in m.walk() if isinstance(n, Ref | Array)}
            if names & used:
                kept.append(m)
        if len(kept) == len(other.meant.members) or len(kept) < 2:
            return None
        if len(kept) == 2:
            return Verdict("definition", how="introduces a name")
        return self.claim(s, Chain(tuple(kept), ("=",) * (len(kept) - 1)))

    def misprint(self, i: int, found: list[Reading], verdict: Verdict) -> Verdict:
        self.codes[i] = found[-1].code
        message = "; ".join(r.message for r in found)
        return Verdict("misprint", verdict.how, message, verdict.members, facts=verdict.facts)

    def reread(self, s: Statement, chain: Chain) -> Verdict | None:
        """The verdict on another chain in the place of the statement; None if it has no meaning."""
        other = Statement(s.place, s.piece, chain, s.label, s.sort)
        _meaning(other, self.u)
        if other.meant is None:
            return None
        if s.sort in ("definition", "cost") and s.defines:
            other.defines = s.defines
        return self.statement(other)

    def statement(self, s: Statement) -> Verdict:
        if s.sort == "numeric":
            return self.numbers(s)
        mixed = self.mixed(s)
        if mixed is not None:
            return mixed
        if s.reason:
            return Verdict("not_understood", reason=s.reason)
        if s.sort in ("shape", "fact"):
            return Verdict("definition", how="a statement of shape or fact")
        if s.meant is None:
            return Verdict("not_understood", reason=s.reason or "not understood")
        if s.sort == "update":
            return self.update(s)
        if s.defines and len(s.meant.members) == len(s.defines) + 1:
            return self.definition(s)
        return self.claim(s, s.meant)

    def mixed(self, s: Statement) -> Verdict | None:
        """`n = w x + b = 0.15*0.05 + 0.35 = 0.3575`: letters first, then numbers put in."""
        members = s.chain.members
        numeric = [
            not any(isinstance(n, Sym | Call) and not _plain_call(n) for n in m.walk())
            and any(isinstance(n, Num) and "." in n.text for n in m.walk())
            for m in members
        ]
        if not any(numeric) or s.sort == "update":
            return None
        letters = [i for i, is_numeric in enumerate(numeric) if not is_numeric]
        verdict = judge_numbers(s.chain, self.values)
        head = members[0]
        if (
            isinstance(head, Sym)
            and is_number(members[-1])
            and (verdict is None or verdict.kind != "refuted")
        ):
            self.values.setdefault(head, members[-1])
        found: Verdict | None = None
        if len(letters) > 1 and s.meant is not None:
            kept = tuple(s.meant.members[i] for i in letters)
            chain = Chain(kept, ("=",) * (len(kept) - 1))
            found = (
                Verdict("definition", how="introduces a name")
                if s.defines and len(kept) == len(s.defines) + 1
                else self.claim(s, chain)
            )
        if verdict is None or (found is not None and found.kind not in ACCEPTED):
            return found or Verdict(
                "not_understood", reason="a number that could not be calculated"
            )
        own = list(verdict.members)
        for k, i in enumerate(letters[1:]):
            if found is not None:
                own[i - 1] = found.members[k] if k < len(found.members) else found
        return Verdict(
            verdict.kind, verdict.how, verdict.reason, tuple(own), verdict.counterexample
        )

    def numbers(self, s: Statement) -> Verdict:
        """A value, or a calculation in numbers."""
        head = s.chain.members[0]
        verdict = judge_numbers(s.chain, self.values)
        if isinstance(head, Sym) and head not in self.values:
            number = next(
                (m for m in reversed(s.chain.members) if is_number(m)), s.chain.members[-1]
            )
            if verdict is None or verdict.kind != "refuted":
                self.values[head] = number
        if verdict is not None:
            return verdict
        if isinstance(head, Sym) and is_number(s.chain.members[-1]):
            return Verdict("definition", how="a value")
        return Verdict("not_understood", reason="a number that could not be calculated")

    def definition(self, s: Statement) -> Verdict:
        found = self.session.context(s.place, None, self.functions(s))
        del found
        return Verdict("definition", how="introduces a name")

    def update(self, s: Statement) -> Verdict:
        assert s.meant is not None
        target, new = s.meant.members[0], s.meant.members[-1]
        if self.accumulates(target, new):
            return Verdict("definition", how="accumulates over the examples")
        chain = Chain((target, new), ("<-",), span=s.meant.span)
        verdict = self.claim(s, chain)
        if verdict.kind != "refuted":
            return verdict
        # Another cost of the document may be meant: the one of the whole training set.
        for d in self.u.definitions:
            if not d.indices and self.session._letter(d.target) in COSTS:
                other, _ = self.session.judge(s, chain, self.functions(s), wanted=d.target)
                if other.kind in ACCEPTED:
                    return other
        return verdict

    def find_inherited(self, found: Mapping[int, Verdict]) -> None:
        """A wrong claim that follows, by the document's own chain rule, from an earlier wrong one."""
        statements = self.u.statements
        wrong: list[tuple[int, Deriv, Chain]] = []
        rules: list[tuple[Deriv, tuple[Formula, ...]]] = []
        for i, s in enumerate(statements):
            if i not in found or s.meant is None or not isinstance(s.meant.members[0], Deriv):
                continue
            head = s.meant.members[0]
            if found[i].kind in ACCEPTED:
                rules += [(head, m.factors) for m in s.meant.members[1:] if isinstance(m, Mul)]
            elif found[i].kind == "refuted":
                wrong.append((i, head, s.chain))
        for k, (i, head, chain) in enumerate(wrong[:40]):
            if i in self.origins:
                continue
            for j, earlier, source in wrong[:k]:
                if earlier == head:
                    same = self._same_value(
                        statements[i], chain.members[-1], source.members[-1], ()
                    )
                    if same:
                        self.origins[i] = self.where(j)
                    continue
                for target, factors in rules:
                    if target != head or earlier not in factors:
                        continue
                    rest = tuple(f for f in factors if f != earlier)
                    if self._same_value(statements[i], chain.members[-1], source.members[-1], rest):
                        self.origins[i] = self.where(j)

    def _same_value(
        self, s: Statement, wrong: Formula, source: Formula, rest: tuple[Formula, ...]
    ) -> bool:
        """Whether `wrong`, in some reading, is the earlier wrong value times the rest of the chain rule."""
        first = [
            wrong,
            *(r.chain.members[-1] for r in readings(s, self.u, Chain((Num("0"), wrong), ("=",)))),
        ]
        second = [
            source,
            *(r.chain.members[-1] for r in readings(s, self.u, Chain((Num("0"), source), ("=",)))),
        ]
        for found, f in ((first, wrong), (second, source)):
            other = regrouped(f)
            if other is not None:
                found.insert(1, other)
        for left in first[:3]:
            for right in second[:3]:
                try:
                    meant = mul(self.u.resolver(right), *rest)
                    chain = Chain((self.u.resolver(left), meant), ("=",))
                except Unclear:
                    continue
                if self.session.judge(s, chain, self.functions(s))[0].kind in ("proved", "agrees"):
                    return True
        return False

    def find_accumulators(self) -> None:
        """`D := D + grad J` in a loop over examples: D is the sum of the gradients of their costs."""
        per_sample: dict[str, Sum] = {}
        for d in self.u.definitions:
            for n in d.rhs.walk():
                if isinstance(n, Sum) and isinstance(n.body, Ref) and n.body.indices == (n.index,):
                    per_sample[n.body.name.removesuffix("_up") + "_"] = n
        for s in self.u.statements:
            if s.sort != "update" or s.meant is None or len(s.meant.members) != 2:
                continue
            target, new = s.meant.members
            if not self.accumulates(target, new):
                continue
            assert isinstance(target, Ref | Array)
            assert isinstance(new, Add)
            rest = [t for t in new.terms if t != target]
            if len(rest) != 1 or not isinstance(rest[0], Grad | Deriv):
                continue
            grad = rest[0]
            total = per_sample.get(grad.of.name) if isinstance(grad.of, Ref) else None
            if total is None and isinstance(grad.of, Ref) and grad.of.name.endswith("_up"):
                total = per_sample.get(grad.of.name.removesuffix("_up") + "_")
            if total is None or not all(isinstance(i, Idx) for i in target.indices):
                continue
            letters = tuple(i.name for i in target.indices if isinstance(i, Idx))
            body = Grad(Ref(total.body.name, (Idx(FRESH),)), grad.by)  # type: ignore[attr-defined]
            self.session.accumulated[target.name] = (
                letters, Sum(body, Idx(FRESH), total.lower, total.upper)
            )  # fmt: skip

    def accumulates(self, target: Formula, new: Formula) -> bool:
        """`D := D + X`: a sum over a loop, of something that is no parameter of the network."""
        if not isinstance(target, Ref | Array) or not isinstance(new, Add):
            return False
        reads = {
            n.name for d in self.u.definitions for n in d.rhs.walk() if isinstance(n, Ref | Array)
        }
        return target in new.terms and target.name not in reads

    def claim(self, s: Statement, chain: Chain) -> Verdict:
        first: Verdict | None = None
        for functions in self.choices(s):
            verdict, _ = self.session.judge(s, chain, functions)
            if verdict.kind in ACCEPTED:
                return verdict
            first = first or verdict
        assert first is not None
        return first

    # --- functions ---------------------------------------------------------------------------------

    def functions(self, s: Statement) -> dict[str, Function]:
        return self.choices(s)[0]

    def choices(self, s: Statement) -> list[dict[str, Function]]:
        """Which function a letter stands for here: one formula, or f kept abstract and each in turn."""
        import sympy as sp

        base: dict[str, Function] = {}
        options: list[tuple[str, Function]] = []
        for name, rows in self.u.functions.items():
            own = name.replace("-", "_")
            if len(rows) == 1:
                base[own] = rows[0]
            else:
                base[own] = Function(own, sp.Symbol("v", real=True), None)
                options += [(own, row) for row in rows]
        return [base, *({**base, name: row} for name, row in options)]


def _shown_name(name: str, names: Mapping[str, str]) -> str:
    stem, bracket, rest = name.partition("[")
    return names.get(stem, stem) + (bracket + rest if bracket else "")


def _plain_call(n: Formula) -> bool:
    return isinstance(n, Call) and n.name in ("exp", "log", "sqrt", "tanh")


def is_number(f: Formula) -> bool:
    return isinstance(f, Num) or (isinstance(f, Neg) and isinstance(f.body, Num))


def assemble(
    document: Scan,
    u: Understanding,
    verdicts: Mapping[int, Verdict],
    failed: Sequence[tuple[int, str]],
    verifier: Verifier | None = None,
) -> list[EquationResult]:
    """One result for each piece of mathematics that says something."""
    by_piece: dict[int, list[tuple[Statement, Verdict]]] = {}
    index_of: dict[int, int] = {}
    for i, v in verdicts.items():
        s = u.statements[i]
        by_piece.setdefault(s.place, []).append((s, v))
        index_of[id(v)] = i
    reasons = dict(failed)
    results: list[EquationResult] = []
    for number, piece in enumerate(document.pieces):
        if piece.file == SIDECAR or piece.problem == "left out by the sidecar":
            continue
        if number in reasons:
            if not piece.problem and not any(c in piece.latex for c in "=←"):
                continue
            results.append(
                EquationResult.of(
                    piece, "claim", Verdict("not_understood", reason=reasons[number]), ()
                )
            )
            continue
        if number not in by_piece:
            continue
        rows = by_piece[number]
        worst = min((v for _, v in rows), key=lambda v: ORDER.index(v.kind))
        members: list[MemberResult] = []
        for s, v in rows:
            members += _members(s, v)
        kind = _kind([s.sort for s, _ in rows])
        result = EquationResult.of(piece, kind, worst, tuple(members))
        i = index_of[id(worst)]
        source = document.source(piece.file)
        result = replace(result, source_line=source.line_text(piece.line))
        if verifier is not None:
            result = verifier.explained(i, result)
        results.append(result)
    return results


def _kind(sorts: list[str]) -> str:
    for sort in ("claim", "update", "cost", "numeric", "definition"):
        if sort in sorts:
            return sort
    return "definition"


def _members(s: Statement, v: Verdict) -> list[MemberResult]:
    found = []
    for k, member in enumerate(s.chain.members[1:]):
        own = v.members[k] if k < len(v.members) else v
        text = s.piece.latex
        if member.span is not None:
            text = s.piece.latex[member.span.start : member.span.end]
        found.append(MemberResult(text.strip(), own.kind, own.reason))
    return found


__all__ = ["Profile", "Report", "verify", "verify_scan"]
