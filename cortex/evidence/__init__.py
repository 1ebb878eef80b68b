"""What each kind of alarm says about the element it speaks of, one table per technology."""
