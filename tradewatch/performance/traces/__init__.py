"""Transactions and spans: read, counted into aggregates that keep everything, and kept raw by how telling they are.

reading, spans, normalise   what an item says                        pure
digest                      the handlers of `transaction` and `span`
groups, counting            dimensions and buckets                   writes
choosing, keeping           which traces stay, and their storing
queries, span_queries, kept_queries, comparing                       reads for pages
"""
