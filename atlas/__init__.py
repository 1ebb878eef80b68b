"""Atlas, the data layer: one PostgreSQL schema of ten modules, a ledger and events. It knows."""
