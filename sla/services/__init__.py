"""Writes: targets and their versions, corrections, and the defaults of a project."""
