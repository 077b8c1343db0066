from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('notify', '0003_campaigns'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(condition=models.Q(('campaign__isnull', False)), fields=['campaign', 'id'], name='notify_of_campaign'),
        ),
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(fields=['org_id', 'created_at'], name='notify_of_org'),
        ),
    ]
