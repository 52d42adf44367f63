"""What recurs in an issue, found without being asked: what its events share, when they come, and with which others.

Decisions are pure (`shares`, `hours`, `bursts`, `periods`, `together`, `alike`); `reading` brings the counts, `keeping`
writes what was found, `running` says whose turn it is.
"""
