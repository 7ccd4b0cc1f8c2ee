"""Shape of the whole site's figures."""

from rest_framework import serializers as s


class SitePeople(s.Serializer):
    all = s.IntegerField()
    new = s.IntegerField(help_text="Signed up today.")
    suspended = s.IntegerField()
    came = s.IntegerField(help_text="Logged in today.")


class SiteClips(s.Serializer):
    all = s.IntegerField()
    new = s.IntegerField(help_text="Uploaded today.")
    failed = s.IntegerField()
    failed_today = s.IntegerField()


class SiteWatching(s.Serializer):
    people = s.IntegerField(help_text="Different people who watched today, logged in.")
    visits = s.IntegerField()


class SiteQueue(s.Serializer):
    queued = s.IntegerField()
    running = s.IntegerField()
    oldest_seconds = s.FloatField(help_text="How long the oldest conversion has waited or run.")


class SiteStorage(s.Serializer):
    renditions = s.IntegerField(help_text="Bytes.")
    free = s.IntegerField(
        required=False, help_text="Bytes; only where files are on a local disk, as is `total`."
    )
    total = s.IntegerField(required=False)


class SiteDay(s.Serializer):
    day = s.DateField()
    views = s.IntegerField()
    uploads = s.IntegerField()


class SiteFigures(s.Serializer):
    """Days are UTC days."""

    people = SitePeople()
    clips = SiteClips()
    watching = SiteWatching()
    queue = SiteQueue()
    seconds_to_playable = s.FloatField(allow_null=True, help_text="Median of today's uploads.")
    comments_today = s.IntegerField()
    messages_today = s.IntegerField()
    dropped_today = s.IntegerField(help_text="Events that were not believed.")
    events_waiting = s.IntegerField()
    open_reports = s.IntegerField()
    storage = SiteStorage()
    series = SiteDay(many=True)
    series_before = SiteDay(many=True)
    updated_at = s.DateTimeField()
