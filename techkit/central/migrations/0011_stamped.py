from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0010_nothing_left_behind'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='stamped_ms',
            field=models.BigIntegerField(default=0, help_text='moment of the last answer, ms since 1970; never twice'),
        ),
    ]
