"""The four DORA numbers of an environment."""
