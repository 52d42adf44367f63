"""The processes TradeWatch runs as: web, worker, and the supervisor that keeps them together on one machine.

Wires kicks and live pushes to what carries them (a socket pair, Celery, Channels); does no work of its own.
"""
