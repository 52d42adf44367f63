"""Who is on call: pure computation over plans (plain values) in this package; rows become plans in `plans.py`.

Leaves whom to page at which step to `alerts.escalation`, and delivery to `alerts.channels`.
"""
