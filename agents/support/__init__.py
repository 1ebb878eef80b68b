"""The agent subscribers talk to about their line."""
