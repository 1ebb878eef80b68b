"""System programs that tests drive as real senders: found, or skipped with a line that names them."""

import os
import shutil

import pytest


def need(program: str, *others: str) -> str:
    """The path of a system program, by any of its names. Without it the test is skipped, or fails where CI is set."""
    path = next(filter(None, map(shutil.which, (program, *others))), None)
    if path is not None:
        return path
    message = f"needs the program `{program}`: run `make system-deps`"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)
