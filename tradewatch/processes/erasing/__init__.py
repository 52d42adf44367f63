"""Erases a person, named by user id or e-mail, wherever TradeWatch may hold them. docs/privacy.md says what that is."""
