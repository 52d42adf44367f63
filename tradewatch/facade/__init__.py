"""The seed's Python names, for code inside Django and for the monitored application.

No Django import at module level: the client distribution ships this package alone.
"""
