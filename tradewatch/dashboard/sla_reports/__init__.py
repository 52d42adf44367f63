"""Pages of SLA reports: what is kept, when the next are due, what was sent, and each kept report."""
