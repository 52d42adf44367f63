"""What two samples say about each other: counts and histograms in, probabilities and effect sizes out. Pure."""
