"""TradeWatch: monitoring for trading applications. Imports nothing: `tradewatch.facade` works without Django."""
