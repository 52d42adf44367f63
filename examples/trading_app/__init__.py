"""A small trading service, watched over by TradeWatch through the stock sentry-sdk. See README.md here."""
