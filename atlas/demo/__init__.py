"""The demo ISP: a seeded operator that looks and behaves like a real one."""
