"""What alerts are told of targets: budgets that burn, thresholds that are reached, and when that is over."""
