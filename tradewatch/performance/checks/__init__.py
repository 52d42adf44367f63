"""External services asked on a clock: HTTP, TCP, DNS, PostgreSQL, Redis. Their state, uptime, and news for alerts.

A due check is a row; `runner` asks all that are due side by side, outside transactions, each within its own time limit.
"""
