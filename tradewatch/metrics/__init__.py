"""Exact counters and mergeable histograms in minute and hour buckets, and approximate numbers of users.

Knows series by name only: what a series means is the business of the app that counts into it.
"""
