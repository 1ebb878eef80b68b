"""Incidents, problems, changes and tickets."""
