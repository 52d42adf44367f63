"""How unfold looks and what its sidebar holds: the tokens of our own pages."""

UNFOLD: dict[str, object] = {"SITE_TITLE": "TradeWatch", "SITE_HEADER": "TradeWatch", "BORDER_RADIUS": "6px"}
