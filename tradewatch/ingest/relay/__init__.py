"""What was accepted goes on to an upstream Sentry: scrubbed, as each project chose, by a bounded spool."""
