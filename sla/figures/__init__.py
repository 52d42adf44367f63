"""What a target comes to: windows, budget, burn, state. Pure but for `figures.reading` and the markets of `periods`."""
