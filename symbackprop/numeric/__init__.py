"""Plain numbers: a forward pass that knows no calculus, example values, gradient checks."""
