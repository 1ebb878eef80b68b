"""Fault modes: ways an element is at fault without being simply dead, as tables per technology, and their search."""

from cortex.modes import docsis, ip, pon, power, wireless
from cortex.modes.row import Against, Hits, Mode, Sign, Where

TABLES = (pon, docsis, wireless, ip, power)
MODES: tuple[Mode, ...] = tuple(mode for table in TABLES for mode in table.MODES)
BY_NAME = {mode.name: mode for mode in MODES}

__all__ = ["BY_NAME", "MODES", "TABLES", "Against", "Hits", "Mode", "Sign", "Where"]
