"""Array instructions as lines of Python; what differs between NumPy, JAX and PyTorch is a Dialect.

Where the dialect allows it, an operation writes into an operand that nobody needs any more:

    z1 = x @ W1.T
    z1 += b1
    a1 = np.tanh(z1, out=z1)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.errors import UnsupportedForm
from symbackprop.export.graph import (
    LEAVES,
    VIEWS,
    Allocate,
    Bind,
    For,
    Instruction,
    Node,
    Store,
)
from symbackprop.export.names import Names
from symbackprop.export.plain import safe

# Binding strengths of Python expressions.
COMPARE, SUM, PRODUCT, UNARY, ATOM = range(5)

INFIX = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "less": ("<", COMPARE),
    "less_equal": ("<=", COMPARE),
    "greater": (">", COMPARE),
    "greater_equal": (">=", COMPARE),
    "equal": ("==", COMPARE),
    "not_equal": ("!=", COMPARE),
}


@dataclass(frozen=True)
class Dialect:
    """How one library spells array operations.

    prefix     the name of the library's module
    in_place   whether operations may write into operands (`out=`, `+=`)
    calls      element-wise functions by name: a format with {0}, {1}, ...
    shaped     other operations: functions of (operand texts, attrs) -> text
    """

    prefix: str
    in_place: bool
    calls: dict[str, str]
    shaped: dict[str, Callable[[Sequence[str], tuple[object, ...], Emitter], str]]
    store: Callable[[str, str, str], str]
    allocate: Callable[[str, str], str]


@dataclass
class Emitter:
    """Lines of one function body."""

    dialect: Dialect
    names: Names
    letters: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    indent: str = "    "
    uses: dict[int, int] = field(default_factory=dict)
    keep: set[int] = field(default_factory=set)
    texts: dict[int, tuple[str, int]] = field(default_factory=dict)
    bound: dict[int, str] = field(default_factory=dict)
    deferred: dict[int, list[Node]] = field(default_factory=dict)
    owners: dict[int, list[str]] = field(default_factory=dict)
    holder: dict[str, int] = field(default_factory=dict)
    dead: list[tuple[str, int]] = field(default_factory=list)
    in_loop: bool = False
    temporaries: int = 0
    needs_dtype: bool = False
    used_sizes: set[str] = field(default_factory=set)

    # --- preparation -------------------------------------------------------------------------

    def prepare(self, code: Sequence[Instruction], results: Sequence[Node]) -> None:
        """Count who reads what, so that the last reader may overwrite it."""
        seen: set[int] = set()
        stack: list[Node] = []

        def use(node: Node) -> None:
            root = node.root
            self.uses[id(root)] = self.uses.get(id(root), 0) + 1
            stack.append(root)

        def walk(instructions: Sequence[Instruction]) -> None:
            for i in instructions:
                if isinstance(i, Bind):
                    self.bound.setdefault(id(i.node), i.name)
                    stack.append(i.node.root)
                elif isinstance(i, Store):
                    use(i.node)
                elif isinstance(i, For):
                    for member in i.body:
                        walk(member.code)

        walk(code)
        for node in results:
            use(node)
            self.keep.add(id(node.root))
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            for arg in node.args:
                use(arg)

    # --- instructions ------------------------------------------------------------------------

    def run(self, code: Sequence[Instruction]) -> None:
        for i in code:
            if isinstance(i, Bind):
                self.note(i.note)
                self.text(i.node, i.name)
            elif isinstance(i, Allocate):
                self.needs_dtype = True
                shape = ", ".join(self.size(d) for d in i.dims)
                shape += "," if len(i.dims) == 1 else ""
                self.line(self.dialect.allocate(self.names[i.name], f"({shape})"))
            elif isinstance(i, Store):
                self.note(i.note)
                value = self.operand(i.node, COMPARE)
                self._executed([i.node])
                self.line(self.dialect.store(self.names[i.name], self.index(i.index), value))
            else:
                self._loop(i)

    def _loop(self, loop: For) -> None:
        letter = self.letters.setdefault(loop.letter, self.names.fresh(loop.letter))
        low, high = self.size(loop.lower), self.size(sp.expand(loop.upper + 1))
        if loop.descending:
            low, high = self.size(loop.upper), self.size(sp.expand(loop.lower - 1))
            self.line(f"for {letter} in range({low}, {high}, -1):")
        else:
            self.line(f"for {letter} in range({low}, {high}):")
        before, outer = self.indent, self.in_loop
        self.in_loop = True
        self.indent += "    "
        for member in loop.body:
            inner = self.indent
            conditions = []
            if member.lower is not None:
                conditions.append(f"{letter} >= {self.size(member.lower)}")
            if member.upper is not None:
                conditions.append(f"{letter} <= {self.size(member.upper)}")
            if conditions:
                self.line(f"if {' and '.join(conditions)}:")
                self.indent += "    "
            self.run(member.code)
            self.indent = inner
        self.indent, self.in_loop = before, outer

    def line(self, text: str) -> None:
        self.lines.append(self.indent + text)

    def note(self, text: str) -> None:
        if text:
            self.lines.append(f"{self.indent}# {safe(text)}")

    # --- sizes and indices -------------------------------------------------------------------

    def size(self, expr: sp.Expr) -> str:
        """A size, bound or index as Python."""
        return self._size(sp.expand(expr), SUM)[0]

    def _size(self, expr: sp.Expr, strength: int) -> tuple[str, int]:
        if isinstance(expr, sp.Integer):
            return str(int(expr)), ATOM
        if isinstance(expr, sp.Symbol):
            if expr.name in self.letters:
                return self.letters[expr.name], ATOM
            self.used_sizes.add(expr.name)
            return self.names[expr.name], ATOM
        if expr.is_Add:
            terms = sorted(expr.args, key=lambda t: (t.could_extract_minus_sign(), t.is_number))
            text = self._size(terms[0], SUM)[0]
            for t in terms[1:]:
                minus = t.could_extract_minus_sign()
                text += f" {'-' if minus else '+'} {self._size(-t if minus else t, PRODUCT)[0]}"
            return (f"({text})" if strength > SUM else text), SUM
        if expr.is_Mul:
            return "*".join(self._size(a, ATOM)[0] for a in expr.args), PRODUCT
        raise UnsupportedForm(f"the size {safe(str(expr))} has no code")

    def index(self, pattern: tuple[object, ...]) -> str:
        parts = []
        for p in pattern:
            assert isinstance(p, tuple)
            if p[0] == "all":
                parts.append(":")
            elif p[0] == "at":
                parts.append(self.size(p[1]))
            else:
                parts.append(f"{self.size(p[1])}:{self.size(p[2])}")
        while len(parts) > 1 and parts[-1] == ":":
            parts.pop()
        return ", ".join(parts)

    # --- nodes -------------------------------------------------------------------------------

    def _reads(self, nodes: Sequence[Node]) -> list[Node]:
        """What the texts of these operands read: themselves, and what stands in them unexecuted."""
        found: list[Node] = []
        for node in nodes:
            found.append(node.root)
            found += self.deferred.pop(id(node.root), ())
        return found

    def _executed(self, nodes: Sequence[Node]) -> None:
        """The operands have been read by a line of code."""
        for node in self._reads(nodes):
            self.uses[id(node)] -= 1
            if self.uses[id(node)] == 0 and node.depth == 0 and node.rank > 1:
                self.dead += [(name, id(node)) for name in self.owners.pop(id(node), ())]

    def _own(self, node: Node, name: str, old: Node | None = None) -> None:
        """`name` is (one more) name of the memory that the node owns, maybe taken over from `old`."""
        before = self.owners.pop(id(old), []) if old is not None else []
        self.owners[id(node)] = list(dict.fromkeys((*before, name)))
        for own in self.owners[id(node)]:
            self.holder[own] = id(node)

    def _release(self) -> None:
        """Names of arrays that nobody reads any more go before new room is taken."""
        if self.dead and self.dialect.in_place and not self.in_loop:
            # A name that has been given to another array since then stays.
            names = [name for name, node in self.dead if self.holder.get(name) == node]
            names = list(dict.fromkeys(names))
            for name in names:
                del self.holder[name]
            if names:
                self.line(f"del {', '.join(names)}")
            self.dead = []

    def operand(self, node: Node, strength: int) -> str:
        text, own = self.text(node)
        return f"({text})" if own < strength else text

    def text(self, node: Node, want: str = "") -> tuple[str, int]:
        """The node as an expression; operations that are read more than once get a variable."""
        if id(node) in self.texts:
            return self.texts[id(node)]
        if node.op in LEAVES:
            found = self._leaf(node)
        elif node.op in VIEWS:
            return self._view(node)
        else:
            return self._operation(node, want)
        self.texts[id(node)] = found
        return found

    def _leaf(self, node: Node) -> tuple[str, int]:
        if node.op == "number":
            return number(node.attrs[0])
        if node.op == "scalar":
            return self._size(node.attrs[0], ATOM)
        return self.names[node.attrs[0]], ATOM

    def _view(self, node: Node) -> tuple[str, int]:
        base = self.operand(node.args[0], ATOM)
        if node.op == "broadcast" and node.root.op in ("number", "scalar_constant"):
            self.needs_dtype = True
            return self.dialect.shaped["full"]([base], node.attrs, self), ATOM
        shaped = self.dialect.shaped[node.op]
        return shaped([base], node.attrs, self), ATOM

    def _name(self, node: Node, want: str) -> str:
        name = self.bound.get(id(node)) or want
        if name:
            return self.names[name]
        self.temporaries += 1
        return self.names.fresh(f"t{self.temporaries}")

    def _operation(self, node: Node, want: str) -> tuple[str, int]:
        wanted = self.bound.get(id(node), want)
        if node.op == "ew" and self.dialect.in_place and node.rank and node.kind == "float":
            name = self._in_place(node, wanted)
        else:
            text = self._plain(node)
            single = self.uses.get(id(node), 0) <= 1 and id(node) not in self.bound
            if single and not (want and node.rank):
                # Read once: it stands where it is read, and its operands are not read before.
                self.texts[id(node)] = text
                self.deferred[id(node)] = self._reads(node.args)
                return text
            name = self._name(node, wanted)
            if node.rank:
                if node.rank > 1:
                    self._release()
                self._own(node, name)
            self.line(f"{name} = {text[0]}")
            self._executed(node.args)
        self.texts[id(node)] = (name, ATOM)
        return name, ATOM

    def _plain(self, node: Node) -> tuple[str, int]:
        if node.op == "ew":
            texts = []
            name = node.attrs[0]
            if name in INFIX:
                symbol, strength = INFIX[name]
                left = self.operand(node.args[0], strength + (strength == COMPARE))
                right = self.operand(node.args[1], strength + 1)
                return f"{left} {symbol} {right}", strength
            if name == "negative":
                inner = self.operand(node.args[0], UNARY)
                return f"-{inner}", UNARY
            texts = [self.operand(a, COMPARE) for a in node.args]
            return self._call(node, texts), ATOM
        if node.op == "matmul":
            left, right = (self.operand(node.args[i], PRODUCT + i) for i in (0, 1))
            return f"{left} @ {right}", PRODUCT
        texts = [
            self.operand(a, ATOM if node.op == "gather" and i == 0 else COMPARE)
            for i, a in enumerate(node.args)
        ]
        return self.dialect.shaped[node.op](texts, node.attrs, self), ATOM

    def _free(self, arg: Node, node: Node) -> bool:
        """Whether `node`, the reader, may overwrite its operand."""
        return (
            arg.root is arg
            and arg.op not in LEAVES
            and arg.kind == "float" == node.kind
            and arg.dims == node.dims
            and arg.depth == node.depth
            and self.uses[id(arg)] == sum(a.root is arg for a in node.args)
            and id(arg) not in self.keep
        )

    def _in_place(self, node: Node, want: str) -> str:
        """An element-wise operation as a statement, into an operand that is free, if there is one."""
        name = node.attrs[0]
        texts: list[str] = []
        given = False
        for arg in node.args:
            if arg.op not in LEAVES and arg.op not in VIEWS and arg.rank and arg.kind == "float":
                # A variable, so that it can be overwritten.
                prefer = want if not given and self._free(arg, node) else ""
                given = given or bool(prefer)
                if id(arg) not in self.texts:
                    self._as_variable(arg, prefer)
            texts.append(self.operand(arg, COMPARE))
        target = next((i for i, a in enumerate(node.args) if self._free(a, node)), None)
        if target is None or name == "where":
            self._release()
        taken = None if target is None else node.args[target]
        if taken is not None and name != "where":
            # Its memory lives on under the node's name.
            self._own(node, texts[target or 0], taken)
        self._executed(node.args)
        if name == "where" or target is None:
            own = self._name(node, want)
            self._own(node, own)
            self.line(f"{own} = {self._spelled(node, texts)}")
            return own
        old = texts[target]
        own = self.names[want] if want else old
        if (
            name in ("add", "subtract", "multiply", "divide")
            and own == old
            and (target == 0 or name in ("add", "multiply"))
        ):
            self.line(f"{old} {INFIX[name][0]}= {texts[1 - target]}")
            return old
        self._own(node, own, node)
        function = self.dialect.calls["out:" + name].format(*texts, out=old)
        self.line(function if own == old else f"{own} = {function}")
        return own

    def _as_variable(self, node: Node, want: str) -> None:
        text, _ = self.text(node, want or "")
        if not text.isidentifier():
            name = self._name(node, want)
            self._own(node, name)
            self.line(f"{name} = {text}")
            self.texts[id(node)] = (name, ATOM)
            for read in self.deferred.pop(id(node), ()):
                self.uses[id(read)] -= 1

    def _spelled(self, node: Node, texts: Sequence[str]) -> str:
        name = node.attrs[0]
        if name in INFIX:
            symbol, strength = INFIX[name]
            left, right = (
                f"({t})" if self.texts.get(id(a), (t, ATOM))[1] < need else t
                for t, a, need in zip(texts, node.args, (strength, strength + 1), strict=True)
            )
            return f"{left} {symbol} {right}"
        if name == "negative":
            return f"-{texts[0]}" if texts[0].isidentifier() else f"-({texts[0]})"
        return self._call(node, texts)

    def _call(self, node: Node, texts: Sequence[str]) -> str:
        name = node.attrs[0]
        if name == "where" and all(a.op in LEAVES and not a.rank for a in node.args[1:]):
            # Two plain numbers say nothing of the arrays' number format.
            self.needs_dtype = True
            name = "where_numbers"
        return self.dialect.calls[name].format(*texts)


def number(value: sp.Expr) -> tuple[str, int]:
    """A number as a float literal; what is no ratio of small numbers as a quotient or decimal."""
    text = repr(float(value))
    return text, (UNARY if text.startswith("-") else ATOM)
