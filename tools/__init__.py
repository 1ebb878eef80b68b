"""Typed tools, one file per module: the only things agents can call."""
