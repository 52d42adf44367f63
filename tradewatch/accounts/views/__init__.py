"""Login, second step, passwords by mail, and the page "Your account"."""
