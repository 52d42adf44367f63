"""How releases do: sessions, crashes, users, and which share of all they have."""
