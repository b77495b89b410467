"""The command line: one sub-command a step or project command, text for people or one JSON object for programs."""
