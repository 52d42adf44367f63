"""Where captured requests may be sent again: targets that a project lists, with the secrets that they need."""
