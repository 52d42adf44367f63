"""What the pages about alerts show: lists with filters, one alert's evidence and story, the routing tree, silences.

Reads and words only: what changes something is called by `views`, and decided by `alerts.services`.
"""
