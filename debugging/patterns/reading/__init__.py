"""Reads for pattern analysis. Everything is read in pages or as a sample of a size that is known: no list of all."""
