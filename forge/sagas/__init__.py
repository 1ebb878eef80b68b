"""Durable workflows that read from top to bottom."""
