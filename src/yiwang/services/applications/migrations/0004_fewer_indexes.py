"""Indexes that no question asks: prefixes of document numbers, the case beside its unique pair, materials without a file."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_LIKE = "applications_document_document_no_f32a7a32_like"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("applications", "0003_material_prechecks")]

    operations = [
        migrations.AlterField(
            model_name="filedmaterial",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"
            ),
        ),
        migrations.AlterField(
            model_name="filedmaterial",
            name="file",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="files.storedfile",
            ),
        ),
        AddIndexConcurrently(
            model_name="filedmaterial",
            index=models.Index(
                condition=models.Q(("file__isnull", False)), fields=["file"], name="applications_material_file"
            ),
        ),
        migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {_LIKE}", migrations.RunSQL.noop),
    ]
