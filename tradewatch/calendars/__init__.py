"""Market sessions as an editable table, and time windows over them.

Leaves what happens inside or outside a window to `alerts` and `sla`.
"""
