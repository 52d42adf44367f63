"""What people must be told: occurrences in, one open alert per key, notifications out.

Knows no producer: whoever has news hands it over as an `Occurrence`.
"""
