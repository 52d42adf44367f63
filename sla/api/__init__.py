"""REST endpoints under /sla. The report's is `sla.reports`' own."""
