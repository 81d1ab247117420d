"""Networks: activations, costs, builders, built-ins. Sugar over systems."""
