"""Where Z-Image is served. Keys belong to a region (Z-Image API reference, 2025-12-23)."""

from __future__ import annotations

REGIONS = {
    "singapore": "https://dashscope-intl.aliyuncs.com/api/v1",
    "beijing": "https://dashscope.aliyuncs.com/api/v1",
}
MODEL = "z-image-turbo"  # the only one of its family there (the model's page, 2026)
