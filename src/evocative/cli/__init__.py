"""The command: one verb a file; heavy libraries are imported inside the verbs."""
