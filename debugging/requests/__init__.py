"""The request that an error came with, changed as somebody asks, and sent or written down again."""
