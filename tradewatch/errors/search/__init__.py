"""The query language of the issue list: `is:unresolved level:error venue:lmax last_seen:<24h "margin"`.

Text -> terms (`terms.parse`) -> condition (`conditions.condition`). The first step knows no field, the second no text.
Which issues are found is decided here; how they are listed is the dashboard's business.
"""
