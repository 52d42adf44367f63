"""The pages and panels of SLA targets: finished values for the templates."""
