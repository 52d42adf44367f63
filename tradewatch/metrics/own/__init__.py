"""What TradeWatch measures of itself: one registry that page, Prometheus, status and alert rules read.

Each part adds the measures that it knows (`registry.add_measures`, from its `AppConfig.ready`). They are kept each
minute in the metric store, in the first project, as few metrics with the attribute `measure`.
"""
