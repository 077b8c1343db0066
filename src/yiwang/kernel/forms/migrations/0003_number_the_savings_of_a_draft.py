
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('forms', '0002_whose_record_is_objected_to'),
    ]

    operations = [
        migrations.AddField(
            model_name='draft',
            name='page',
            field=models.CharField(db_default='', default='', max_length=32),
        ),
        migrations.AddField(
            model_name='draft',
            name='saving',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
