"""What was learnt from history, what it predicted, and what became of that."""
