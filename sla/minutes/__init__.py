"""Minutes of a measure: counted, stored in blocks of a day, and added up."""
