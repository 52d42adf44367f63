"""Transactions, and later spans, logs, host metrics and checks.

Counts go to `metrics`; raw items wait as kept items until the traces have a home.
"""
