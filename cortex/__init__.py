"""Cortex, the intelligence layer: pure models, signals in, findings out. It understands."""
