"""The pages and the panel of hosts: finished values for the templates."""
