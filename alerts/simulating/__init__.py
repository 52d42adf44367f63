"""Simulated news: judged by every rule as real news are, apart from them, and asked where they would go.

What comes of them is marked and ends by itself; unless somebody asked for it, none of it leaves (`engine.outbox`).
"""
