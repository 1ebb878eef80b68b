"""Forge, the action layer: executor, sagas, feeds and drivers. It acts."""
