from tradewatch.metrics.models.buckets import Bucket, Counter, Histogram, Resolution, SeriesSketch, UserSketch
from tradewatch.metrics.models.points import Metric, MetricBucket, MetricFold, MetricReceipt, MetricSeries, MetricType

__all__ = [
    "Bucket",
    "Counter",
    "Histogram",
    "Metric",
    "MetricBucket",
    "MetricFold",
    "MetricReceipt",
    "MetricSeries",
    "MetricType",
    "Resolution",
    "SeriesSketch",
    "UserSketch",
]
