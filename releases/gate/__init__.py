"""May a version go out now: freezes, windows, budgets, alerts, overrides."""
