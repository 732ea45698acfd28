"""The default bundle ``models/lite``: a distilled extractor and a denoiser trained on simulated
annotators.

Everything that made the shipped files, and every figure of its model card, is reproduced by
``python -m summdiff_models.lite <command>``; photos, clips, teacher and TVSum are given by path.
"""
