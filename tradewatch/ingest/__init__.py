"""The edge for SDKs: routes, credentials, quotas, and which digest an item type goes to.

Leaves parsing and meaning to the digest: accept first, digest later.
"""
