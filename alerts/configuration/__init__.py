"""The alerting configuration as one YAML file: written for backup, review and moving; checked before it is applied.

`shapes.py` names what belongs to it, `writing.py` makes the document, `reading.py` brings one in. Not in it: secrets of
channels, what is temporary (silences, overrides), what people keep for themselves (contact rules, own channels), and
intake sources with their keys; the keys of heartbeats are made anew.
"""
