from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0003_closed_month'),
    ]

    operations = [
        migrations.AddField(
            model_name='syncscope',
            name='folded_seq',
            field=models.BigIntegerField(default=0, help_text='records say all up to this place (folding.py)'),
        ),
        # Until now every operation was folded in as it came.
        migrations.RunSQL('UPDATE sync_scope SET folded_seq = next_seq - 1', migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='syncscope',
            index=models.Index(condition=models.Q(('folded_seq__lt', models.F('next_seq') - 1)), fields=['org'], name='sync_scope_behind'),
        ),
        migrations.RemoveIndex(
            model_name='op',
            name='op_by_entity',
        ),
        migrations.AddIndex(
            model_name='op',
            index=models.Index(fields=['entity_id', 'seq'], name='op_by_record'),
        ),
    ]
