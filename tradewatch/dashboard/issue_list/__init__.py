"""The list of issues: what its address asks for, the rows in their order, facets, completion, views, export.

What a query finds is decided in `errors.search`; this package shows it.
"""
