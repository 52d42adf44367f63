"""GET /performance/prometheus: what TradeWatch says of itself to a Prometheus.

Ours (`tradewatch_*`) come from the database, the same from every process. django-prometheus counts requests in each web
process; those of one machine are added up by files that all of them map, see `processes`.
"""
