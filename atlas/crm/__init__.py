"""Who the subscribers are and how they want to be reached."""
