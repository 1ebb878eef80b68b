"""What is about to fail: features of an element over time, models that learn from what failed, and their evidence."""
