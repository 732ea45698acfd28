"""Training: the paper's recipe for SummDiff, and the baselines it is compared with."""
