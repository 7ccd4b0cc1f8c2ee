"""What Celery's Redis transport lacks when the broker stops answering for a while."""

import redis
from kombu.transport.redis import Channel, QoS


class LenientQoS(QoS):
    """Kombu's count of messages under way, without those whose acknowledgement was lost.

    Kombu forgets a message only when Redis has taken its acknowledgement. When Redis hangs at that moment, the message counts as
    under way for ever, and a worker that takes one at a time never takes another. Here it is forgotten in any case: Redis hands
    it out once more after the visibility timeout, and every task may run twice, as the rows are the queue.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except redis.RedisError:
            self._quick_ack(delivery_tag)  # type: ignore[attr-defined]
            raise


def install() -> None:
    """For every Celery application of this process. Idempotent."""
    Channel.QoS = LenientQoS
