"""Real SDKs against a real server. Each test has a release of its own, so that servers can be shared."""
