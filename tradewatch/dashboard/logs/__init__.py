"""The page of logs: search, histogram, live tail, download; and the lines of a trace beside its error."""
