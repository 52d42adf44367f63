"""The pages people watch, and the sockets that keep them fresh.

Reads snapshots of the other apps; writes nothing.
"""
