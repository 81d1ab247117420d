"""The same command in this process: quick, for the many refusals."""

from __future__ import annotations

import pytest

from symbackprop.cli.main import main


class InProcess:
    """`call("derive", "2-2-2")` gives the exit code; `out` and `err` what was written last."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]
    ) -> None:
        self._patch = monkeypatch
        self._captured = captured
        self.out = ""
        self.err = ""

    def __call__(self, *args: str) -> int:
        self._patch.setattr("sys.argv", ["symbackprop", *args])
        with pytest.raises(SystemExit) as stop:
            main()
        self.out, self.err = self._captured.readouterr()
        assert isinstance(stop.value.code, int)
        return stop.value.code

    def refused(self, *args: str) -> str:
        """The message: exit code 2, no document, no defect of ours."""
        assert self(*args) == 2, (args, self.out, self.err)
        assert self.out == ""
        assert "a defect of this program" not in self.err
        return self.err
