"""Ask the gate, override it, freeze, and the lines for CI."""
