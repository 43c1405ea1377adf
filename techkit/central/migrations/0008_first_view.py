from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0007_begins_anew'),
    ]

    operations = [
        migrations.AddField(
            model_name='savedfilter',
            name='is_first',
            field=models.BooleanField(default=False, help_text="what its owner's list of visits opens on"),
        ),
    ]
