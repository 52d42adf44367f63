"""The request of a session as a file to keep: a test for pytest, a curl line, a .http file. Secrets are not in them."""
