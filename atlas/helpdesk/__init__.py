"""Conversations, messages, turns and notices."""
