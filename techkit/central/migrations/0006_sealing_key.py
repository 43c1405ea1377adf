from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0005_second_factor'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='sealing_key',
            field=models.BinaryField(help_text='X25519, 32 raw bytes; job packs are sealed for it', null=True),
        ),
    ]
