from django.db import migrations

import yiwang.kernel.base.fields


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="leafcontent",
            name="actor",
            field=yiwang.kernel.base.fields.SealedTextField(default=""),
            preserve_default=False,
        ),
    ]
