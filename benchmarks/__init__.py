"""Measurements that README and docs/benchmarks.md quote. None of them is a test: they print, they do not judge."""
