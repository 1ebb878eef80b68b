"""What every agent can talk about: greetings, thanks, what it can do, and asking for a person."""
