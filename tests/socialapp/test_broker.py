"""The broker that hangs: a worker goes on when it is back."""

import pytest
import redis
from django.conf import settings
from kombu import Connection, Queue

from socialapp.lib.broker import LenientQoS


@pytest.mark.engines
def test_a_lost_acknowledgement_does_not_count_as_a_task_under_way(monkeypatch):
    with Connection(settings.CELERY_BROKER_URL) as connection, connection.channel() as channel:
        channel.basic_qos(0, 1, False)
        queue = Queue("lost-acknowledgements")(channel)
        queue.declare()
        connection.Producer(channel).publish("work", routing_key="lost-acknowledgements")
        message = queue.get()
        assert isinstance(channel.qos, LenientQoS)
        channel.qos.append(message, message.delivery_tag)
        assert not channel.qos.can_consume(), "one at a time"

        def hangs(*_arguments, **_options):
            raise redis.TimeoutError

        monkeypatch.setattr(channel.qos, "_remove_from_indices", hangs)
        with pytest.raises(redis.TimeoutError):
            message.ack()
        assert channel.qos.can_consume()
        monkeypatch.undo()
        queue.delete()
