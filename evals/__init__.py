"""Offline evaluation of models, prompts and policies."""
