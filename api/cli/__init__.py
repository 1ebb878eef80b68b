"""The `bedrock` command: thin clients of the API, and the processes."""
