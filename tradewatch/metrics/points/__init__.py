"""Points of named metrics with attributes: counters, gauges and distributions in packed minute, hour and day buckets.

Write with `writing.add_points`, read with `reading.chart` and `catalogue`. Knows nothing of who sends points.
"""
