"""The pages and the panel of checks: finished values for the templates."""
