"""What is told of a release beyond what its clients show: its ref and url, that it is complete, archived, deleted."""
