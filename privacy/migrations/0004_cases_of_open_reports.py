"""Reports that waited when cases came join one each, so that the queue shows them."""

from django.db import migrations
from django.db.models import Count, Min

from privacy.cases import SEVERITY


def join(apps, schema_editor):
    Case, Report = apps.get_model("privacy", "Case"), apps.get_model("privacy", "Report")
    waiting = Report.objects.filter(state="open", case=None)
    things = waiting.values("target_type", "target_id").annotate(count=Count("pk"), first=Min("created_at"))
    for thing in things.order_by("first").iterator():
        same = waiting.filter(target_type=thing["target_type"], target_id=thing["target_id"])
        reasons = list(same.values_list("reason", flat=True))
        person = same.exclude(target_person=None).values_list("target_person", flat=True).first()
        case = Case.objects.filter(
            target_type=thing["target_type"], target_id=thing["target_id"], state="open"
        ).first() or Case.objects.create(
            target_type=thing["target_type"], target_id=thing["target_id"], person_id=person
        )
        severity = max(SEVERITY.get(reason, 0) for reason in reasons)
        Case.objects.filter(pk=case.pk).update(
            severity=max(severity, case.severity), reports_count=case.reports_count + len(reasons)
        )
        same.update(case=case)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_restrictions_and_cases")]
    operations = [migrations.RunPython(join, migrations.RunPython.noop)]
