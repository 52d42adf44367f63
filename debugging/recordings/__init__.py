"""Session replays that @sentry/browser records: kept under a quota, tied to errors, read as a timeline, downloaded.

`protocol` reads what an SDK sends, `scrubbing` and `timeline` work on its events; the rest stores and shows.
"""
