import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('central', '0011_stamped'),
    ]

    operations = [
        migrations.AddField(
            model_name='device',
            name='former',
            field=models.ForeignKey(help_text='what it was before it was let in anew', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='central.device'),
        ),
    ]
