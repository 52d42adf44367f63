"""What measured rules see: readings of a window, one a minute, from the rollups of `metrics`; never from events.

A rule of a measured kind asks its source (`sources.py`) for readings of windows that end at given minutes; live that is
the last whole minute and as many before it as the rule must hold for, in a replay every minute of 30 days. What a
reading means is decided in `verdicts.py`, on values alone. A later capability brings a kind with `add_source`.
"""
