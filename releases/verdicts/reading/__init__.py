"""Counts of the two stretches, read from the buckets of transactions and issues."""
