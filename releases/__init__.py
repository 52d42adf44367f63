"""Releases and deployments: what went out, how it did, and the way back."""
