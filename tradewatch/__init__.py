"""TradeWatch: monitoring for trading applications. Imports nothing, so that `tradewatch.facade` works without Django."""
