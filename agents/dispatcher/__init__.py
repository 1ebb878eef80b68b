"""The agent that handles technicians and appointments."""
