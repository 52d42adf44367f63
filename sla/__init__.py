"""SLA targets, error budgets and reports that stay true."""
