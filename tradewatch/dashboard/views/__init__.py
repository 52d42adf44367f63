"""The pages, one file for each thing they are about."""
