"""What subscribers ordered and which services they hold."""
