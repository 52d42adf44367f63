"""What two samples say about each other. Counts and histograms in, probabilities and effect sizes out; no ORM, no clock."""
