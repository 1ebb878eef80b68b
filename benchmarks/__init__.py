"""One file per figure in docs/performance.md."""
