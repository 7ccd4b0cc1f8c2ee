"""The Celery application and its timetable. Tasks live with their apps; each is a nudge for rows that wait."""

import os

from celery import Celery

from socialapp.lib import broker

broker.install()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialapp.settings")
app = Celery("socialapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "videos: re-claim stale clips": {"task": "videos.tasks.sweep_transcodes", "schedule": 15.0},
    "videos: publish what is scheduled": {"task": "videos.tasks.publish_due", "schedule": 20.0},
    "videos: tend promotions": {"task": "videos.tasks.tend_promotions", "schedule": 60.0},
    "videos: move folders that were shut": {"task": "videos.tasks.move_folders", "schedule": 20.0},
    "videos: expire abandoned uploads": {"task": "videos.tasks.expire_uploads", "schedule": 600.0},
    "videos: train the recommender": {"task": "videos.tasks.train_recommender", "schedule": 1_800.0},
    "videos: say what rises": {"task": "videos.tasks.compute_trends", "schedule": 300.0},
    "videos: mend counters": {"task": "videos.tasks.reconcile_counters", "schedule": 86_400.0},
    "videos: bring the search index up to date": {"task": "videos.tasks.index_search", "schedule": 15.0},
    "videos: mend the search index": {"task": "videos.tasks.reconcile_search", "schedule": 3_600.0},
    "accounts: mend counters": {"task": "accounts.tasks.reconcile_counters", "schedule": 86_400.0},
    "accounts: let go of former user names": {
        "task": "accounts.tasks.forget_former_usernames",
        "schedule": 86_400.0,
    },
    "messaging: forget pictures that were not sent": {
        "task": "messaging.tasks.sweep_pictures",
        "schedule": 600.0,
    },
    "messaging: send announcements": {"task": "messaging.tasks.send_announcements", "schedule": 20.0},
    "messaging: send pushes": {"task": "messaging.tasks.sweep_pushes", "schedule": 15.0},
    "messaging: send digests": {"task": "messaging.tasks.send_digests", "schedule": 60.0},
    "messaging: digests of unread messages": {"task": "messaging.tasks.expect_digests", "schedule": 10_800.0},
    "privacy: make downloads of data": {"task": "privacy.tasks.sweep_exports", "schedule": 30.0},
    "accounts: mail people to follow back": {
        "task": "accounts.tasks.send_follow_back_digests",
        "schedule": 300.0,
    },
    "accounts: erase those who left": {"task": "accounts.tasks.erase_due", "schedule": 60.0},
    "accounts: end suspensions": {"task": "accounts.tasks.lift_suspensions", "schedule": 30.0},
    "privacy: mail decisions": {"task": "privacy.tasks.mail_decisions", "schedule": 300.0},
    "analytics: flush events": {"task": "analytics.tasks.flush_events", "schedule": 5.0},
    "analytics: make reports": {"task": "analytics.tasks.make_reports", "schedule": 30.0},
    "analytics: tell how followers engage": {"task": "analytics.tasks.push_engagement", "schedule": 600.0},
    "analytics: forget raw events": {"task": "analytics.tasks.prune_events", "schedule": 3_600.0},
}
