"""Shapes of the moderators' part of the API."""

from rest_framework import serializers

from .cases import LONGEST_SUSPENSION_DAYS
from .models import Appeal, Case, Decision, Report
from .serializers import Body

S = serializers


class DeskPerson(S.Serializer):
    id = S.CharField()
    username = S.CharField()
    display_name = S.CharField()


class CaseRow(S.Serializer):
    id = S.CharField()
    target_type = S.ChoiceField(Report.Target.choices)
    target_text = S.CharField()
    severity = S.IntegerField()
    reports_count = S.IntegerField()
    rule = S.CharField()
    reason = S.CharField()
    reason_text = S.CharField()
    person = DeskPerson(allow_null=True)
    created_at = S.DateTimeField()
    looked_at_by = S.CharField(allow_null=True)


class DecisionRow(S.Serializer):
    id = S.CharField()
    case = S.CharField()
    act = S.ChoiceField(Decision.Act.choices)
    act_text = S.CharField()
    reason_text = S.CharField()
    target_type = S.CharField()
    target_text = S.CharField()
    person = DeskPerson(allow_null=True)
    moderator = DeskPerson(allow_null=True)
    statement = S.CharField()
    excerpt = S.CharField()
    until = S.DateTimeField(allow_null=True)
    created_at = S.DateTimeField()
    undone_at = S.DateTimeField(allow_null=True)


class DeskLine(S.Serializer):
    who = S.CharField()
    text = S.CharField()


class DeskCaptions(S.Serializer):
    language = S.CharField()
    name = S.CharField(required=False)
    url = S.CharField()


class DeskEvidence(S.Serializer):
    """What is decided about. Addresses of media are signed and live for a minute."""

    title = S.CharField()
    text = S.CharField()
    author = S.DictField(allow_null=True)
    url = S.CharField()
    cover_url = S.CharField()
    video_url = S.CharField()
    captions = DeskCaptions(many=True)
    context = DeskLine(many=True)  # type: ignore[assignment]  # a field; the base class has a property of that name
    exists = S.BooleanField()


class DeskFact(S.Serializer):
    name = S.CharField()
    text = S.CharField()
    values = S.ListField(child=S.CharField())


class DeskReport(S.Serializer):
    reporter = DeskPerson(allow_null=True)
    reason = S.CharField()
    reason_text = S.CharField()
    note = S.CharField()
    created_at = S.DateTimeField()


class DeskAct(S.Serializer):
    act = S.ChoiceField(Decision.Act.choices)
    text = S.CharField()


class CaseCard(CaseRow):
    state = S.ChoiceField(Case.State.choices)
    evidence = DeskEvidence()
    facts = DeskFact(many=True)
    reports = DeskReport(many=True)
    strikes = S.IntegerField()
    decisions = DecisionRow(many=True)
    acts = DeskAct(many=True)
    days = S.IntegerField()
    decided = DecisionRow(allow_null=True)


class DeskCounts(S.Serializer):
    cases = S.IntegerField()
    appeals = S.IntegerField()


class CasePage(S.Serializer):
    results = CaseRow(many=True)
    next = S.CharField(allow_null=True)
    counts = DeskCounts()


class DecisionPage(S.Serializer):
    results = DecisionRow(many=True)
    next = S.CharField(allow_null=True)


class AppealRow(S.Serializer):
    id = S.CharField()
    text = S.CharField()
    state = S.ChoiceField(Appeal.State.choices)
    answer = S.CharField()
    created_at = S.DateTimeField()
    decision = DecisionRow()


class AppealPage(S.Serializer):
    results = AppealRow(many=True)
    next = S.CharField(allow_null=True)


class StatementAnswer(S.Serializer):
    statement = S.CharField()


class LookAnswer(S.Serializer):
    looked_at_by = S.CharField(allow_null=True)


class DecideBody(Body):
    """What to do about a case. An empty statement becomes the prefilled one."""

    act = S.ChoiceField(Decision.Act.choices)
    reason = S.ChoiceField(Report.Reason.choices, required=False, allow_blank=True)
    statement = S.CharField(max_length=2000, required=False, allow_blank=True)
    days = S.IntegerField(min_value=1, max_value=LONGEST_SUSPENSION_DAYS, required=False)


class AnswerBody(Body):
    """The answer to an appeal; a refusal needs words."""

    grant = S.BooleanField()
    answer = S.CharField(max_length=2000, required=False, allow_blank=True)


class DraftQuery(S.Serializer):
    """For which decision a statement is wanted."""

    act = S.ChoiceField(Decision.Act.choices)
    reason = S.ChoiceField(Report.Reason.choices, required=False, allow_blank=True)
    days = S.IntegerField(min_value=1, max_value=LONGEST_SUSPENSION_DAYS, required=False)
