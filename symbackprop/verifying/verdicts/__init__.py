"""A verdict for every statement, and what lies behind the wrong ones."""
