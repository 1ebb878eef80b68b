"""Tests of Cortex."""
