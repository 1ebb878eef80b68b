"""Where things are: zones, addresses, ducts and fibres."""
