from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hotline", "0002_topics")]

    operations = [
        migrations.AddIndex("ticket", models.Index(fields=["-received_at", "-id"], name="ticket_newest")),
        migrations.AddIndex(
            "ticket",
            models.Index(
                fields=["respond_due_at", "id"],
                condition=models.Q(
                    responded_at__isnull=True, finished_at__isnull=True, respond_due_at__isnull=False
                ),
                name="ticket_silent",
            ),
        ),
        migrations.AddIndex(
            "ticket",
            models.Index(fields=["-id"], condition=models.Q(redone__gte=1, solved=False), name="ticket_redone"),
        ),
    ]
