"""Residents from a list that somebody kept before: only rows that say where, when and by which words each agreed."""
