"""Policies: what a tool declares, the gate, and the Cedar rules. They decide."""
