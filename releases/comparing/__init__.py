"""Two releases side by side: what lies between them, and how each did over its own time in an environment."""
