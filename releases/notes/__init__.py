"""Release notes from commits: JSON, Markdown, HTML."""
