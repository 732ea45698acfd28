"""Rated videos: reading dataset files, splits, and simulated datasets."""
