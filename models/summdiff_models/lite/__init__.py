"""The default bundle ``models/lite``: EfficientNet-Lite0 with a projection, and a denoiser trained on simulated
annotators whose tastes come from real ones.

What made the shipped files, and every figure of its model card, is reproduced by
``python -m summdiff_models.lite <command>``.
"""
