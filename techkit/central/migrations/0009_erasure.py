import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0008_first_view'),
    ]

    operations = [
        migrations.AddField(
            model_name='attachment',
            name='erased_at',
            field=models.DateTimeField(help_text='its customer was removed; the bytes go (emptying.py)', null=True),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='salt',
            field=models.CharField(blank=True, default='', help_text='of detail_hash; goes with the detail', max_length=32),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='detail_hash',
            field=models.CharField(
                blank=True, default='', help_text='stands for the detail in the chain; empty before 0.2', max_length=64
            ),
        ),
        migrations.CreateModel(
            name='ErasedCustomer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer_id', models.UUIDField()),
                ('erasure_id', models.UUIDField(help_text='the record that tells the devices')),
                ('erased_at', models.DateTimeField()),
                (
                    'org',
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name='+',
                        to='central.org',
                    ),
                ),
            ],
            options={
                'db_table': 'erased_customer',
                'constraints': [
                    models.UniqueConstraint(fields=('org', 'customer_id'), name='erased_customer_once')
                ],
            },
        ),
    ]
