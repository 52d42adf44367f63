"""What a rule or a routing tree would have done over the last 30 days, before it is switched on.

Rules of news run over the kept occurrences, measured rules and error rates over the minute buckets: the same decisions
as live, minute by minute, and nothing is opened or sent. `firings.py` says what would have fired; `messages.py` routes
and groups that, and counts pages and night pages.
"""
