"""Disk use by kind of data: sampled on a clock, kept as history, and how long the disk lasts at this rate."""
