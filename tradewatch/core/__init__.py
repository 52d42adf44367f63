"""The ground every app stands on: settings from the environment, actors, audit, live push, kick, outbound HTTP.

Knows no other package of ours. What it needs from them arrives as plain values.
"""
