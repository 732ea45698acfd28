"""Image networks that turn frames into features: GoogLeNet, Inception-v3, and PCA."""
