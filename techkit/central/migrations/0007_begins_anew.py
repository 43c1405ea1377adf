from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0006_sealing_key'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='anew',
            field=models.CharField(blank=True, default='', help_text='set after a long silence, until it has begun anew', max_length=36),
        ),
    ]
