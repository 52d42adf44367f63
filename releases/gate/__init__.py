"""May a version go out now: freezes, windows, budgets, alerts, deployments under way, overrides.

`reading` gathers the facts, `deciding` makes an answer of them (pure), `asking` does both and keeps what CI was told.
"""
