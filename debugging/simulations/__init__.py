"""An error of a session sent through the whole pipeline once more, without the application (docs/simulate.md)."""
