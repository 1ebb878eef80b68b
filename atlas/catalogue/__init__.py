"""What the ISP sells."""
