"""The agent NOC engineers command."""
