"""What is known of one error: captured by code, or stored as an event, and what else was stored of that moment."""
