"""Systems of index equations: model, checks, the equation language, spec files."""
