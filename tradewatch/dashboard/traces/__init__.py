"""The page of one trace: waterfall, errors, logs, what makes it slow; and where traces are looked for.

Leaves the tree and its layout to `performance.traces`.
"""
