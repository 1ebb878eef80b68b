"""Tickets and incidents weighed: what about, how urgent, seen before, worth a visit; and what fixed the like."""
