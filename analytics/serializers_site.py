"""Shape of the whole site's figures."""

from rest_framework import serializers as s


class SitePeople(s.Serializer):
    all = s.IntegerField()
    new = s.IntegerField(help_text="Signed up today.")
    suspended = s.IntegerField()
    came = s.IntegerField(help_text="Logged in today; who stays logged in is not among them.")


class SiteClips(s.Serializer):
    all = s.IntegerField()
    new = s.IntegerField(help_text="Begun today.")
    failed_now = s.IntegerField(help_text="That stand as failed, of whatever day.")


class SiteQueue(s.Serializer):
    queued = s.IntegerField()
    running = s.IntegerField()
    oldest_seconds = s.FloatField(help_text="How long the oldest conversion has waited or run.")


class SiteStorage(s.Serializer):
    """Bytes as rows of files say: covers, previews, sounds, pictures of profiles, copies with a watermark and captions have no
    row that does."""

    bytes = s.IntegerField(help_text="The sum of the kinds.")
    originals = s.IntegerField()
    renditions = s.IntegerField()
    message_images = s.IntegerField()
    data_exports = s.IntegerField(help_text="Downloads of people's data that are ready.")
    waiting_uploads = s.IntegerField(help_text="Whole uploads that no clip has taken in yet.")
    free = s.IntegerField(
        required=False, help_text="Bytes; only where files are on a local disk, as is `total`."
    )
    total = s.IntegerField(required=False)


class SiteModeration(s.Serializer):
    """What waits for moderators now. Ages are 0 where nothing waits."""

    open_cases = s.IntegerField()
    held = s.IntegerField(help_text="Open cases that a rule of the site made.")
    oldest_case_seconds = s.FloatField()
    appeals = s.IntegerField()
    oldest_appeal_seconds = s.FloatField()
    promotions = s.IntegerField(help_text="That wait for approval.")
    oldest_promotion_seconds = s.FloatField()
    challenges = s.IntegerField(help_text="Sponsored ones that wait for approval.")
    oldest_challenge_seconds = s.FloatField()


class SiteDay(s.Serializer):
    """Times are in milliseconds, by nearest rank, and null on a day without any."""

    day = s.DateField()
    active = s.IntegerField(
        help_text="Different logged-in people who watched, saw, followed or shared something; an estimate within 2 %."
    )
    views = s.IntegerField()
    uploads = s.IntegerField()
    processed = s.IntegerField(help_text="Conversions that ended, done or failed.")
    failed = s.IntegerField(help_text="Of these the failed ones.")
    failure_rate = s.FloatField(allow_null=True, help_text="`failed` of `processed`, 0 to 1.")
    playable_ms = s.IntegerField(
        allow_null=True, help_text="Median from the queue to the first quality that plays."
    )
    playable_p95_ms = s.IntegerField(allow_null=True)
    ready_ms = s.IntegerField(allow_null=True, help_text="Median from the queue to the conversion's end.")
    ready_p95_ms = s.IntegerField(allow_null=True)
    cases = s.IntegerField(help_text="Cases opened.")
    decisions = s.IntegerField()


class SiteFigures(s.Serializer):
    """Days are UTC days. `people`, `clips` and `storage` are at most ten minutes old, the queues of `moderation` as of now."""

    people = SitePeople()
    clips = SiteClips()
    storage = SiteStorage()
    queue = SiteQueue()
    visits_today = s.IntegerField(help_text="Of people and of visitors without an account.")
    comments_today = s.IntegerField()
    messages_today = s.IntegerField()
    dropped_today = s.IntegerField(help_text="Events that were not believed.")
    series = SiteDay(many=True)
    series_before = SiteDay(many=True)
    updated_at = s.DateTimeField()
    moderation = SiteModeration()
    open_reports = s.IntegerField()
    events_waiting = s.IntegerField()
