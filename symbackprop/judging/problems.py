"""Why a statement could not be judged; these never reach a user, the judge turns them into verdicts."""

from __future__ import annotations


class Problem(Exception):
    """Base: `reason` is for the reader."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IllFormed(Problem):
    """Shapes, index ranges or names do not fit."""


class NotUnderstood(Problem):
    """A form that the judge has no meaning for."""


class OutOfRange(IllFormed):
    """An entry that does not exist."""


class Undefined(Problem):
    """A value that does not exist at this point: division by 0, logarithm of a negative number."""


class TooLarge(Problem):
    """Polynomials of a proof become too large: another way may do."""


class OverBudget(Problem):
    """The time for one statement is spent."""


class Refused(Exception):
    """No conclusion to all sizes is possible this way: internal to the proofs for all sizes."""
