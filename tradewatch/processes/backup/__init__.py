"""One file that holds an installation, and an installation made of one file. docs/recovery.md says how and why."""
