"""The folder in which the processes of one installation share what they count (see `api.metrics`)."""

import shutil
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from atlas.settings import Settings

#: Names the folder; prometheus_client reads it when it is imported.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def share(settings: Settings) -> dict[str, str]:
    """Empty the folder, before any child starts; returns the environment that makes a process count in it."""
    folder = _folder(settings)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {VARIABLE: str(folder)}


def forget(settings: Settings, pid: int) -> None:
    """Take a dead process out of what is summed over the living; what it counted stays."""
    mark_process_dead(pid, str(_folder(settings)))  # type: ignore[no-untyped-call]


def _folder(settings: Settings) -> Path:
    return settings.home.absolute() / "metrics"
