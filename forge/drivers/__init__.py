"""How Forge speaks to the network."""
