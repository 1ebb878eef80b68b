"""From Atlas' history to models, from models to predictions and proposals, and from what happened to their scores."""
