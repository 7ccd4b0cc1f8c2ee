"""Every write to clips, split by subject: publishing (files, the pipeline) and engaging (what people do with clips)."""

from .publishing import (
    create_upload,
    delete_upload,
    delete_video,
    expire_uploads,
    fail_video,
    finish_video,
    publish_draft,
    publish_video,
    retry_video,
    set_progress,
)

__all__ = [
    "create_upload",
    "delete_upload",
    "delete_video",
    "expire_uploads",
    "fail_video",
    "finish_video",
    "publish_draft",
    "publish_video",
    "retry_video",
    "set_progress",
]
