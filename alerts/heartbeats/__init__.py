"""Jobs that must report in time (a dead man's switch): schedules, states, and what comes of a report or of none.

Reports come by ping URL and by SDK check-ins; both end in `services.take_report`. What is wrong becomes an occurrence.
"""
