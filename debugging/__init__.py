"""Debugging sessions: replay what failed, find why, keep the test."""
