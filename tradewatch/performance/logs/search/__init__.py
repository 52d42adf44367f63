"""The query language of logs: `level:>=warn symbol:ACME logger:app.orders* "margin call"`.

Text -> terms (`errors.search.terms`, the grammar of the issue list) -> what is wanted of a line (`wanted`) -> lines
(`finding`). The first two steps know no database, the last no text.
"""
