"""Error events and the issues they group into: normalising, grouping, classifying, counting.

Leaves who is told about an issue to `alerts`, which gets plain occurrences.
"""
