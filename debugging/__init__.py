"""Debugging sessions: what was known of a failure put together, and looked through step by step to its cause."""
