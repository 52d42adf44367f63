"""What a look compared, as the rows of a table: before, after, what was found, and why. Values in, values out."""
