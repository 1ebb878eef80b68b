"""Which notification is which alarm: one table per family of MIBs, one file each."""

from forge.feeds.trap_tables import calix, cisco, example, juniper, standard
from forge.feeds.trap_tables.trap import Table, Trap

TRAPS: Table = standard.TRAPS | example.TRAPS | cisco.TRAPS | juniper.TRAPS | calix.TRAPS

__all__ = ["TRAPS", "Table", "Trap"]
