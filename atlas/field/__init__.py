"""Technicians, work orders and appointments."""
