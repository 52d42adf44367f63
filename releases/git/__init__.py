"""Repositories on disk, read through the git command line."""
