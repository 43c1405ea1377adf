from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0013_former_of_old'),
    ]

    operations = [
        migrations.AddField(
            model_name='visitrow',
            name='finding_checks',
            field=models.CharField(blank=True, default='', help_text='checks that found something to do or watch, each between spaces', max_length=1000),
            preserve_default=False,
        ),
        # Visits that came before have their rows made anew with the next page that is looked at.
        migrations.RunSQL(
            "INSERT INTO changed_record (org_id, entity, entity_id) SELECT org_id, 'visit', id FROM visit",
            migrations.RunSQL.noop,
        ),
    ]
