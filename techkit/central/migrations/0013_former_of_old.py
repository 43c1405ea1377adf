import uuid

from django.db import migrations


def link(apps, schema_editor):
    """Take from the audit trail what devices were before that were let in anew before this was kept."""
    device, event = apps.get_model('central.Device'), apps.get_model('central.AuditEvent')
    for org_id, object_id, detail in event.objects.filter(action='device.enrol').values_list(
        'org_id', 'object_id', 'detail'
    ):
        try:
            former = uuid.UUID(detail.get('former', ''))
        except ValueError:
            continue
        found = device.objects.filter(org_id=org_id, pk=uuid.UUID(object_id), former=None).first()
        if found is None:
            continue
        # Only of the same person, as when it is let in.
        if device.objects.filter(org_id=org_id, pk=former, technician=found.technician_id).exclude(pk=found.pk).exists():
            device.objects.filter(pk=found.pk).update(former=former)


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0012_former'),
    ]

    operations = [
        migrations.RunPython(link, migrations.RunPython.noop),
    ]
