"""Files that belong to a release: uploaded whole or in chunks, bounded in size, deleted with their release."""
