"""/error-tracking/*: how error tracking does, its numbers, and the issues with everything that is done to them."""
