"""/performance/metrics-explorer: charts of named metrics, kept in the address, with what was folded and refused."""
