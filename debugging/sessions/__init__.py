"""Debugging sessions: opened on an error, worked on by people, concluded."""
