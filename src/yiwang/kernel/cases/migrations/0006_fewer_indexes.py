"""Indexes that no question asks: prefixes of numbers and codes, and the root of cases that have none."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

_LIKE = ("cases_case_number_980c9551_like", "cases_case_query_code_f1ba5550_like")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0005_going_back")]

    operations = [
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(condition=models.Q(("root__isnull", False)), fields=["root"], name="case_of_root"),
        ),
        migrations.AlterField(
            model_name="case",
            name="root",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.case",
            ),
        ),
        *(migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", migrations.RunSQL.noop) for name in _LIKE),
    ]
