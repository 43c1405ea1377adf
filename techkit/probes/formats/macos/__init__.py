"""Items of macOS' system_profiler as readings, a module per subject."""
