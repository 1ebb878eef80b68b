"""Atlas' tickets, visits and incidents through Cortex' triage: learnt from, and asked."""
