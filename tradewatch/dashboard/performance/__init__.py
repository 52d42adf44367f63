"""The pages of performance: the overview, one transaction, and the counts that their numbers open to.

reading     whose numbers and when; every query of these pages
plots       figures over time as charts
stats       the figures on top, with their counts and what they were before
changes     verdicts in words, with the counts they stand on
table       transactions as lines: sorting, shares, verdicts
hero        the sentence: what got slower or fails
counts      what a number was made of
spread      how long requests took, as a picture
"""
