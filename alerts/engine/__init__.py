"""Moves groups: alerts are placed in them, looked at when due, told, escalated, reminded of, closed.

The rows say what is due; a turn may come twice, late, or from several processes at once. Locks are taken in one order,
alerts before groups, each by id: `placing` and `timers` hold alerts, `looking` holds one group and writes no alert.
"""
