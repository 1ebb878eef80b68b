"""The chat models behind the agents: any OpenAI-compatible endpoint, or `local`."""
