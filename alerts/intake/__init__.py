"""Other systems' alerts: their formats read into plain values. What becomes of them: `alerts.services.taking_in`."""
