"""Makes room while the disk is above its high mark: what is worth least goes first, until the low mark."""
