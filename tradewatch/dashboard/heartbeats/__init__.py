"""The page of one cron monitor: finished values for the templates."""
