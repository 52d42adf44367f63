"""Captured requests sent again: to listed targets alone, compared with what is known, their error found by trace."""
