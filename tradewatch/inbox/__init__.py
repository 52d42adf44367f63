"""What was accepted and not yet digested: envelope grammar, durable queue, cursor, dead letters, kept items.

Leaves the meaning of an item to the handlers that `ingest.dispatch` registers.
"""
