"""Logs: what `log` items say, kept in compressed blocks of columns, searched by reading blocks from the newest on.

Counts go to `metrics` (`logs`, `logs:<level>`, `logs.bytes`); pages and endpoints are built above.
"""
