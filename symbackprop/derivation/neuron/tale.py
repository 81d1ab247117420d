"""What all sections of the neuron view share: the graph, the named errors, local derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from symbackprop.derivation.algebra import (
    cancel,
    factors_of,
    negative,
    over,
    plus,
    terms_of,
    times,
)
from symbackprop.derivation.costs import CostDerivative, cost_derivative
from symbackprop.derivation.differentiate import derivative
from symbackprop.derivation.functions import WrittenFunction
from symbackprop.derivation.graph import Graph
from symbackprop.formula.tree import ONE, Call, Deriv, Formula, Idx, Ref, sub
from symbackprop.system.model import ADJOINT

LAYER = Idx("l")
"""The letter of a layer."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the notation wants of the narrator.

    activation: 'written' (1/(1+e^-z) at once), 'named' (sigma(z)), 'both' (one after the other).
    errors: the roles whose derivative of the cost gets a name (delta).
    letters: index letters to use, in order. stated, target_first: as in `index.layers.Layers`.
    """

    activation: str = "named"
    errors: tuple[str, ...] = ("pre-activation",)
    letters: tuple[str, ...] = ("j", "k", "m", "i")
    stated: Formula = LAYER
    target_first: bool = False
    sender_first: bool = False
    cost_parts: bool = False
    whole_arrays: bool = True
    indices: bool = True

    @property
    def names_functions(self) -> bool:
        """Whether f'(z) is written by name."""
        return self.activation != "written"


class Tale:
    """The graph with the answers that sections ask for, each computed once."""

    def __init__(self, graph: Graph, options: Options) -> None:
        self.graph = graph
        self.options = options
        self.cost = Ref(graph.system.cost)
        self._costs: dict[Ref, CostDerivative] = {}

    # --- names -------------------------------------------------------------------------------

    def d_cost(self, node: Ref) -> Deriv:
        """dJ/dnode."""
        return Deriv(self.cost, node)

    def error(self, node: Ref) -> Formula:
        """The error of the node: its name where the notation names it, else dJ/dnode."""
        if self.graph.role(node) in self.options.errors:
            return Ref(ADJOINT + node.name, node.indices)
        return self.d_cost(node)

    def is_named(self, node: Ref) -> bool:
        return self.graph.role(node) in self.options.errors

    @property
    def is_named_exit(self) -> bool:
        return "activation" in self.options.errors

    # --- structure ---------------------------------------------------------------------------

    @cached_property
    def depth(self) -> int:
        """The number of weight layers."""
        return max((self.graph.layer(n) or 0) for n in self.graph.with_role("pre-activation"))

    def nodes(self, role: str, layer: int) -> tuple[Ref, ...]:
        return tuple(n for n in self.graph.with_role(role) if self.graph.layer(n) == layer)

    def weights(self, layer: int) -> tuple[Ref, ...]:
        return self.nodes("weight", layer)

    def biases(self, layer: int) -> tuple[Ref, ...]:
        return self.nodes("bias", layer)

    def parameters(self, layer: int) -> tuple[Ref, ...]:
        """Weights and biases of a layer, those of one receiver together, its bias last."""
        found: list[Ref] = []
        for z in self.nodes("pre-activation", layer):
            found.extend(p for p in self.parameters_into(z) if p not in found)
        return tuple(found)

    def parameters_into(self, z: Ref) -> tuple[Ref, ...]:
        return tuple(s for s in self.graph.sources(z) if self.graph.quantity(s).is_parameter)

    def receiver(self, parameter: Ref) -> Ref:
        """The pre-activation that a weight enters (the first, for a shared bias)."""
        return next(
            u for u in self.graph.users[parameter] if self.graph.role(u) == "pre-activation"
        )

    def receivers(self, node: Ref) -> tuple[Ref, ...]:
        """The pre-activations whose equations contain the node."""
        return tuple(
            u for u in self.graph.users.get(node, ()) if self.graph.role(u) == "pre-activation"
        )

    def activation_of(self, z: Ref) -> Ref:
        """What leaves the neuron that z enters: its activation, or the sum that z is added to."""
        exits = [u for u in self.graph.users[z] if self.graph.role(u) != "pre-activation"]
        # A softmax reads all pre-activations of its layer: the neuron's own output has z's index.
        return next((u for u in exits if u.indices == z.indices), exits[0])

    def entrance(self, a: Ref) -> Ref:
        """The pre-activation of an activation."""
        zs = [s for s in self.graph.sources(a) if self.graph.role(s) == "pre-activation"]
        return next((z for z in zs if z.indices == a.indices), zs[0])

    @cached_property
    def outputs(self) -> tuple[Ref, ...]:
        """What leaves the neurons of the last layer."""
        return tuple(self.activation_of(z) for z in self.nodes("pre-activation", self.depth))

    @cached_property
    def is_softmax(self) -> bool:
        """Whether every output depends on every pre-activation of the last layer."""
        return "softmax" in self.graph.system.about.activations

    def skips(self, a: Ref) -> tuple[Ref, ...]:
        """The sums to which an activation is added unweighted, on a path around the next layers."""
        users = self.graph.users.get(a, ())
        return tuple(u for u in users if self.graph.role(u) == "intermediate")

    def equation(self, node: Ref) -> Formula:
        return self.graph.equations[node]

    def function(self, a: Ref) -> WrittenFunction | None:
        """The function of an activation node; None where it is no plain application."""
        body = self.equation(a)
        if not isinstance(body, Call) or body.name not in self.graph.system.function_by_name:
            return None
        if body.name not in self._functions:
            definition = self.graph.system.function_by_name[body.name]
            self._functions[body.name] = WrittenFunction(definition, self.graph.system)
        return self._functions[body.name]

    @cached_property
    def _functions(self) -> dict[str, WrittenFunction]:
        return {}

    # --- local derivatives ---------------------------------------------------------------------

    def local(self, u: Ref, v: Ref) -> Formula:
        """du/dv across the equation of u, in its final form."""
        if u == self.cost:
            return self.cost_derivative(v).value
        function = self.function(u)
        if function is not None:
            return function.slope(u, v)
        if self.is_softmax and u in self.outputs:
            own = self.activation_of(v)
            return times(u, sub(ONE, u)) if u == own else negative(times(u, own))
        found = self._edges(u).get(v)
        return derivative(self.equation(u), v) if found is None else found

    def _edges(self, u: Ref) -> dict[Ref, Formula]:
        """What multiplies each entry of a weighted sum: found at once, not sum by sum."""
        if u not in self._multiplied:
            edges: dict[Ref, Formula] = {}
            seen: set[Ref] = set()
            for term in terms_of(self.equation(u)):
                parts = factors_of(term)
                for part, rest in ((p, parts[:i] + parts[i + 1 :]) for i, p in enumerate(parts)):
                    if isinstance(part, Ref) and all(isinstance(r, Ref) for r in rest):
                        edges[part] = times(*rest)
                names = [n for n in term.walk() if isinstance(n, Ref)]
                for name in names:
                    if name in seen or names.count(name) > 1:
                        edges.pop(name, None)  # it stands there twice: the rules of school decide
                seen.update(names)
            self._multiplied[u] = edges
        return self._multiplied[u]

    @cached_property
    def _multiplied(self) -> dict[Ref, dict[Ref, Formula]]:
        return {}

    @cached_property
    def in_cost(self) -> frozenset[Ref]:
        """The entries that the equation of the cost contains."""
        return frozenset(self.graph.sources(self.cost))

    def cost_derivative(self, a: Ref) -> CostDerivative:
        """dJ/da through the data term, in the steps of a textbook."""
        if a not in self._costs:
            self._costs[a] = cost_derivative(self.equation(self.cost), a)
        return self._costs[a]

    def error_value(self, z: Ref) -> Formula:
        """dJ/dz of an output neuron, cancelled: a - y."""
        a = self.activation_of(z)
        if self.is_softmax and not self.is_cross_entropy:
            return plus(
                *(times(self.cost_derivative(o).value, self.local(o, z)) for o in self.outputs)
            )
        if self.is_softmax:
            whole = a if self.sums_to_one else times(a, self.target_sum)
            return plus(whole, negative(self.target(a)))
        product, _ = cancel(self.cost_derivative(a).value, self.local(a, z))
        return product

    # --- softmax with cross-entropy ------------------------------------------------------------

    def target(self, a: Ref) -> Ref:
        """The target of an output."""
        (target,) = self.graph.system.targets
        return Ref(target.name, a.indices)

    @cached_property
    def is_cross_entropy(self) -> bool:
        """Whether the derivative of the cost by each output a is -y/a."""
        return all(
            self.cost_derivative(a).value == negative(over(self.target(a), a)) for a in self.outputs
        )

    @property
    def target_sum(self) -> Formula:
        """The sum of the targets of all outputs."""
        return plus(*(self.target(a) for a in self.outputs))

    @property
    def sums_to_one(self) -> bool:
        """Whether it is stated that the targets of a sample sum to 1."""
        return any(f.kind == "sums to 1" for q in self.graph.system.targets for f in q.facts)

    def product(self, *steps: tuple[Ref, Ref]) -> Formula:
        """du1/dv1 du2/dv2 ...: the links of a path."""
        return times(*(Deriv(u, v) for u, v in steps))
