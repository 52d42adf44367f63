"""Reports on a clock: when they are due, which period they are of, and how they reach people."""
