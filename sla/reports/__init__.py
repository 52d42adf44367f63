"""Reports: a document of a period's figures, its forms (HTML, PDF, CSV), kept and mailed on a clock."""
