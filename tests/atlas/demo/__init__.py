"""Tests of the demo ISP and its simulated gear."""
