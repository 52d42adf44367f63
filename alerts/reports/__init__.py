"""How alerting did: how fast people were, which rules are noisy, who was paged, and who at night."""
