"""How an environment does after a deployment, against the same stretch before: looks, statistics, evidence."""
