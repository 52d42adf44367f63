"""Machines: what they are made to say of themselves, their rows, and who hears when one falls silent.

`parts`, `points`, `rates`, `probes`, `collector` and `agent` run on the watched machine with the standard library and
psutil: no Django there, and nothing else of TradeWatch.
"""
