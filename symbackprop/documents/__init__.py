"""Documents in (scanners) and out (Jinja2 environments)."""
