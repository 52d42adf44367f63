"""Escalation policies: the copy that an alert keeps, which step comes when, and which people a step reaches.

Leaves executing the steps to `alerts.services`.
"""
