"""Shapes of downloads of one's data."""

from rest_framework import serializers

from .models import DataExport


class ExportShape(serializers.Serializer):
    id = serializers.CharField()
    state = serializers.ChoiceField(DataExport.State.choices)
    percent = serializers.IntegerField()
    message = serializers.CharField(help_text="How far it is, or what went wrong, in a sentence.")
    size = serializers.IntegerField(help_text="Bytes; 0 until it is ready.")
    url = serializers.CharField(allow_null=True, help_text="Where the file is fetched, until it expires.")
    created_at = serializers.DateTimeField()
    ready_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class ExportList(serializers.Serializer):
    results = ExportShape(many=True)
    next = serializers.CharField(allow_null=True)
