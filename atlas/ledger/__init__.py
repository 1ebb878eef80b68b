"""Actions, sign-offs and the audit chain."""
