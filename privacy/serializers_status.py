"""Shapes of what people read about decisions that concern them, about their reports, and of the public counts."""

from rest_framework import serializers

from .models import Appeal, Case, Decision, Report
from .serializers import Body, ReportTarget

S = serializers


class OwnAppeal(S.Serializer):
    text = S.CharField()
    state = S.ChoiceField(Appeal.State.choices)
    answer = S.CharField()
    created_at = S.DateTimeField()
    answered_at = S.DateTimeField(allow_null=True)


class OwnDecision(S.Serializer):
    """A decision as its person reads it: the statement of reasons."""

    id = S.CharField()
    act = S.ChoiceField(Decision.Act.choices)
    target_type = S.ChoiceField(Report.Target.choices)
    reason = S.CharField()
    reason_text = S.CharField()
    headline = S.CharField()
    statement = S.CharField()
    excerpt = S.CharField()
    how = S.CharField()
    until = S.DateTimeField(allow_null=True)
    created_at = S.DateTimeField()
    undone_at = S.DateTimeField(allow_null=True)
    may_appeal = S.BooleanField()
    appeal_until = S.DateTimeField()
    appeal = OwnAppeal(allow_null=True)


class OwnDecisionPage(S.Serializer):
    results = OwnDecision(many=True)
    next = S.URLField(allow_null=True)


class OwnAppealBody(Body):
    text = S.CharField(max_length=2000)


class StatusFields(S.Serializer):
    """How an account stands: `good`, or `limited` while a decision keeps it from strangers."""

    standing = S.ChoiceField(("good", "limited"))
    strikes = S.IntegerField()
    strike_days = S.IntegerField()


class OwnReport(S.Serializer):
    id = S.CharField()
    target = ReportTarget()
    target_text = S.CharField()
    reason = S.ChoiceField(Report.Reason.choices)
    reason_text = S.CharField()
    note = S.CharField()
    state = S.ChoiceField(Report.State.choices)
    created_at = S.DateTimeField()
    handled_at = S.DateTimeField(allow_null=True)


class OwnReportPage(S.Serializer):
    results = OwnReport(many=True)
    next = S.URLField(allow_null=True)


class ReasonCount(S.Serializer):
    key = S.ChoiceField(Report.Reason.choices)
    count = S.IntegerField()


class TargetCount(S.Serializer):
    key = S.ChoiceField(Report.Target.choices)
    count = S.IntegerField()


class RuleCount(S.Serializer):
    key = S.ChoiceField(Case.Rule.choices)
    count = S.IntegerField()


class ActCount(S.Serializer):
    key = S.ChoiceField(Decision.Act.choices)
    count = S.IntegerField()


class MonthCounts(S.Serializer):
    month = S.CharField()
    reports = S.IntegerField()
    decisions = S.IntegerField()
    removed = S.IntegerField()
    appeals = S.IntegerField()


class TransparencyFields(S.Serializer):
    days = S.IntegerField()
    as_of = S.DateTimeField()
    reports = S.IntegerField()
    reports_by_reason = ReasonCount(many=True)
    reports_by_target = TargetCount(many=True)
    held_by_rule = RuleCount(many=True)
    cases_waiting = S.IntegerField()
    decisions = S.IntegerField()
    decisions_by_act = ActCount(many=True)
    decisions_by_reason = ReasonCount(many=True)
    decisions_undone = S.IntegerField()
    appeals = S.IntegerField()
    appeals_granted = S.IntegerField()
    appeals_refused = S.IntegerField()
    hours_to_decision = S.FloatField(allow_null=True)
    hours_to_answer = S.FloatField(allow_null=True)
    months = MonthCounts(many=True)
