"""Custom and business metrics: `trace_metric` items of SDKs and POST /performance/metrics, into `metrics.points`.

What is refused is counted by reason and said; nothing of a point is kept but its sums.
"""
