"""The page of one deployment: a module a section, each gives the values of its own part of the template."""
