"""The LangGraph assistant: router, support, billing, NOC and dispatcher. It proposes."""
