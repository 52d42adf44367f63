"""Many replays that one person asks for at once: a matrix of variants, and the search for the smallest body that fails.

What is sent, and where to, is decided by `replays` and `targets`, for each of them as for a single one.
"""
