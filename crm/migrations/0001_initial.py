import customermates.kernel.fields
import customermates.kernel.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pipeline",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "name"), name="pipeline_name_unique_per_company"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Stage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("color", models.CharField(default="slate", max_length=20)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("probability", models.PositiveSmallIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stages", to="crm.pipeline"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pipeline", "name"), name="stage_name_unique_per_pipeline"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("notes", models.TextField(default="")),
                ("custom", models.JSONField(default=dict)),
                ("t1", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t2", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t3", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t4", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t5", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t6", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t7", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t8", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t9", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t10", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t11", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t12", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("n1", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n2", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n3", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n4", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n5", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n6", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n7", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n8", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("d1", models.DateTimeField(null=True)),
                ("d2", models.DateTimeField(null=True)),
                ("d3", models.DateTimeField(null=True)),
                ("d4", models.DateTimeField(null=True)),
                ("d5", models.DateTimeField(null=True)),
                ("d6", models.DateTimeField(null=True)),
                ("d7", models.DateTimeField(null=True)),
                ("d8", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=511)),
                ("first_name", models.CharField(max_length=255)),
                ("last_name", models.CharField(default="", max_length=255)),
                ("job_title", models.CharField(default="", max_length=255)),
                ("emails", models.JSONField(default=list)),
                ("phones", models.JSONField(default=list)),
                ("identifiers", models.JSONField(default=list)),
                (
                    "name_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "first_name_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "last_name_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "job_title_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["company", "created_at", "id"], name="contact_created"),
                    models.Index(
                        condition=models.Q(("t1__isnull", False)),
                        fields=["company", "t1", "id"],
                        name="contact_t1",
                    ),
                    models.Index(
                        condition=models.Q(("t2__isnull", False)),
                        fields=["company", "t2", "id"],
                        name="contact_t2",
                    ),
                    models.Index(
                        condition=models.Q(("t3__isnull", False)),
                        fields=["company", "t3", "id"],
                        name="contact_t3",
                    ),
                    models.Index(
                        condition=models.Q(("t4__isnull", False)),
                        fields=["company", "t4", "id"],
                        name="contact_t4",
                    ),
                    models.Index(
                        condition=models.Q(("t5__isnull", False)),
                        fields=["company", "t5", "id"],
                        name="contact_t5",
                    ),
                    models.Index(
                        condition=models.Q(("t6__isnull", False)),
                        fields=["company", "t6", "id"],
                        name="contact_t6",
                    ),
                    models.Index(
                        condition=models.Q(("t7__isnull", False)),
                        fields=["company", "t7", "id"],
                        name="contact_t7",
                    ),
                    models.Index(
                        condition=models.Q(("t8__isnull", False)),
                        fields=["company", "t8", "id"],
                        name="contact_t8",
                    ),
                    models.Index(
                        condition=models.Q(("t9__isnull", False)),
                        fields=["company", "t9", "id"],
                        name="contact_t9",
                    ),
                    models.Index(
                        condition=models.Q(("t10__isnull", False)),
                        fields=["company", "t10", "id"],
                        name="contact_t10",
                    ),
                    models.Index(
                        condition=models.Q(("t11__isnull", False)),
                        fields=["company", "t11", "id"],
                        name="contact_t11",
                    ),
                    models.Index(
                        condition=models.Q(("t12__isnull", False)),
                        fields=["company", "t12", "id"],
                        name="contact_t12",
                    ),
                    models.Index(
                        condition=models.Q(("n1__isnull", False)),
                        fields=["company", "n1", "id"],
                        name="contact_n1",
                    ),
                    models.Index(
                        condition=models.Q(("n2__isnull", False)),
                        fields=["company", "n2", "id"],
                        name="contact_n2",
                    ),
                    models.Index(
                        condition=models.Q(("n3__isnull", False)),
                        fields=["company", "n3", "id"],
                        name="contact_n3",
                    ),
                    models.Index(
                        condition=models.Q(("n4__isnull", False)),
                        fields=["company", "n4", "id"],
                        name="contact_n4",
                    ),
                    models.Index(
                        condition=models.Q(("n5__isnull", False)),
                        fields=["company", "n5", "id"],
                        name="contact_n5",
                    ),
                    models.Index(
                        condition=models.Q(("n6__isnull", False)),
                        fields=["company", "n6", "id"],
                        name="contact_n6",
                    ),
                    models.Index(
                        condition=models.Q(("n7__isnull", False)),
                        fields=["company", "n7", "id"],
                        name="contact_n7",
                    ),
                    models.Index(
                        condition=models.Q(("n8__isnull", False)),
                        fields=["company", "n8", "id"],
                        name="contact_n8",
                    ),
                    models.Index(
                        condition=models.Q(("d1__isnull", False)),
                        fields=["company", "d1", "id"],
                        name="contact_d1",
                    ),
                    models.Index(
                        condition=models.Q(("d2__isnull", False)),
                        fields=["company", "d2", "id"],
                        name="contact_d2",
                    ),
                    models.Index(
                        condition=models.Q(("d3__isnull", False)),
                        fields=["company", "d3", "id"],
                        name="contact_d3",
                    ),
                    models.Index(
                        condition=models.Q(("d4__isnull", False)),
                        fields=["company", "d4", "id"],
                        name="contact_d4",
                    ),
                    models.Index(
                        condition=models.Q(("d5__isnull", False)),
                        fields=["company", "d5", "id"],
                        name="contact_d5",
                    ),
                    models.Index(
                        condition=models.Q(("d6__isnull", False)),
                        fields=["company", "d6", "id"],
                        name="contact_d6",
                    ),
                    models.Index(
                        condition=models.Q(("d7__isnull", False)),
                        fields=["company", "d7", "id"],
                        name="contact_d7",
                    ),
                    models.Index(
                        condition=models.Q(("d8__isnull", False)),
                        fields=["company", "d8", "id"],
                        name="contact_d8",
                    ),
                    models.Index(fields=["company", "name_key", "id"], name="contact_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactUser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignees",
                        to="crm.contact",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["user", "record"], name="contactuser_user")],
                "constraints": [
                    models.UniqueConstraint(fields=("record", "user"), name="contactuser_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomColumn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("entity", models.CharField(max_length=40)),
                ("number", models.PositiveSmallIntegerField()),
                ("key", models.CharField(max_length=80)),
                ("label", models.CharField(max_length=255)),
                ("label_key", customermates.kernel.fields.KeyField(editable=False, max_length=200)),
                ("type", models.CharField(max_length=20)),
                ("options", models.JSONField(default=dict)),
                ("required", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("description", models.CharField(default="", max_length=1000)),
                ("slots", models.CharField(default="", max_length=10)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("company", "entity", "number"), name="customcolumn_number_unique"
                    ),
                    models.UniqueConstraint(
                        fields=("company", "entity", "key"), name="customcolumn_key_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at", None)),
                        fields=("company", "entity", "label_key"),
                        name="customcolumn_label_unique",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("notes", models.TextField(default="")),
                ("custom", models.JSONField(default=dict)),
                ("t1", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t2", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t3", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t4", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t5", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t6", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t7", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t8", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t9", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t10", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t11", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t12", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("n1", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n2", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n3", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n4", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n5", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n6", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n7", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n8", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("d1", models.DateTimeField(null=True)),
                ("d2", models.DateTimeField(null=True)),
                ("d3", models.DateTimeField(null=True)),
                ("d4", models.DateTimeField(null=True)),
                ("d5", models.DateTimeField(null=True)),
                ("d6", models.DateTimeField(null=True)),
                ("d7", models.DateTimeField(null=True)),
                ("d8", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=255)),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.DecimalField(decimal_places=4, default=None, max_digits=15, null=True)),
                ("expected_close_date", models.DateField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("lost_reason", models.CharField(default="", max_length=255)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("total_value", models.DecimalField(decimal_places=4, default=0, max_digits=15)),
                ("total_quantity", models.DecimalField(decimal_places=4, default=0, max_digits=15)),
                ("weighted_value", models.DecimalField(decimal_places=4, default=0, max_digits=15)),
                (
                    "name_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "lost_reason_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
                (
                    "pipeline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.pipeline"
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.stage"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["company", "created_at", "id"], name="deal_created"),
                    models.Index(
                        condition=models.Q(("t1__isnull", False)),
                        fields=["company", "t1", "id"],
                        name="deal_t1",
                    ),
                    models.Index(
                        condition=models.Q(("t2__isnull", False)),
                        fields=["company", "t2", "id"],
                        name="deal_t2",
                    ),
                    models.Index(
                        condition=models.Q(("t3__isnull", False)),
                        fields=["company", "t3", "id"],
                        name="deal_t3",
                    ),
                    models.Index(
                        condition=models.Q(("t4__isnull", False)),
                        fields=["company", "t4", "id"],
                        name="deal_t4",
                    ),
                    models.Index(
                        condition=models.Q(("t5__isnull", False)),
                        fields=["company", "t5", "id"],
                        name="deal_t5",
                    ),
                    models.Index(
                        condition=models.Q(("t6__isnull", False)),
                        fields=["company", "t6", "id"],
                        name="deal_t6",
                    ),
                    models.Index(
                        condition=models.Q(("t7__isnull", False)),
                        fields=["company", "t7", "id"],
                        name="deal_t7",
                    ),
                    models.Index(
                        condition=models.Q(("t8__isnull", False)),
                        fields=["company", "t8", "id"],
                        name="deal_t8",
                    ),
                    models.Index(
                        condition=models.Q(("t9__isnull", False)),
                        fields=["company", "t9", "id"],
                        name="deal_t9",
                    ),
                    models.Index(
                        condition=models.Q(("t10__isnull", False)),
                        fields=["company", "t10", "id"],
                        name="deal_t10",
                    ),
                    models.Index(
                        condition=models.Q(("t11__isnull", False)),
                        fields=["company", "t11", "id"],
                        name="deal_t11",
                    ),
                    models.Index(
                        condition=models.Q(("t12__isnull", False)),
                        fields=["company", "t12", "id"],
                        name="deal_t12",
                    ),
                    models.Index(
                        condition=models.Q(("n1__isnull", False)),
                        fields=["company", "n1", "id"],
                        name="deal_n1",
                    ),
                    models.Index(
                        condition=models.Q(("n2__isnull", False)),
                        fields=["company", "n2", "id"],
                        name="deal_n2",
                    ),
                    models.Index(
                        condition=models.Q(("n3__isnull", False)),
                        fields=["company", "n3", "id"],
                        name="deal_n3",
                    ),
                    models.Index(
                        condition=models.Q(("n4__isnull", False)),
                        fields=["company", "n4", "id"],
                        name="deal_n4",
                    ),
                    models.Index(
                        condition=models.Q(("n5__isnull", False)),
                        fields=["company", "n5", "id"],
                        name="deal_n5",
                    ),
                    models.Index(
                        condition=models.Q(("n6__isnull", False)),
                        fields=["company", "n6", "id"],
                        name="deal_n6",
                    ),
                    models.Index(
                        condition=models.Q(("n7__isnull", False)),
                        fields=["company", "n7", "id"],
                        name="deal_n7",
                    ),
                    models.Index(
                        condition=models.Q(("n8__isnull", False)),
                        fields=["company", "n8", "id"],
                        name="deal_n8",
                    ),
                    models.Index(
                        condition=models.Q(("d1__isnull", False)),
                        fields=["company", "d1", "id"],
                        name="deal_d1",
                    ),
                    models.Index(
                        condition=models.Q(("d2__isnull", False)),
                        fields=["company", "d2", "id"],
                        name="deal_d2",
                    ),
                    models.Index(
                        condition=models.Q(("d3__isnull", False)),
                        fields=["company", "d3", "id"],
                        name="deal_d3",
                    ),
                    models.Index(
                        condition=models.Q(("d4__isnull", False)),
                        fields=["company", "d4", "id"],
                        name="deal_d4",
                    ),
                    models.Index(
                        condition=models.Q(("d5__isnull", False)),
                        fields=["company", "d5", "id"],
                        name="deal_d5",
                    ),
                    models.Index(
                        condition=models.Q(("d6__isnull", False)),
                        fields=["company", "d6", "id"],
                        name="deal_d6",
                    ),
                    models.Index(
                        condition=models.Q(("d7__isnull", False)),
                        fields=["company", "d7", "id"],
                        name="deal_d7",
                    ),
                    models.Index(
                        condition=models.Q(("d8__isnull", False)),
                        fields=["company", "d8", "id"],
                        name="deal_d8",
                    ),
                    models.Index(fields=["company", "name_key", "id"], name="deal_name"),
                    models.Index(fields=["company", "stage", "id"], name="deal_stage"),
                    models.Index(fields=["company", "total_value", "id"], name="deal_total_value"),
                    models.Index(fields=["company", "expected_close_date", "id"], name="deal_expected_close"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactDeal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.contact",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.deal",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["deal", "contact"], name="contactdeal_back")],
                "constraints": [
                    models.UniqueConstraint(fields=("contact", "deal"), name="contactdeal_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="DealUser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignees",
                        to="crm.deal",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["user", "record"], name="dealuser_user")],
                "constraints": [models.UniqueConstraint(fields=("record", "user"), name="dealuser_unique")],
            },
        ),
        migrations.CreateModel(
            name="IndexedValue",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("entity", models.CharField(max_length=40)),
                ("field", models.CharField(max_length=60)),
                ("value", customermates.kernel.fields.KeyField(editable=False, max_length=200)),
                ("record_id", models.UUIDField()),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["company", "entity", "field", "value", "record_id"],
                        name="indexedvalue_lookup",
                    ),
                    models.Index(fields=["record_id", "field"], name="indexedvalue_record"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("notes", models.TextField(default="")),
                ("custom", models.JSONField(default=dict)),
                ("t1", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t2", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t3", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t4", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t5", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t6", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t7", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t8", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t9", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t10", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t11", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t12", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("n1", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n2", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n3", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n4", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n5", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n6", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n7", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n8", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("d1", models.DateTimeField(null=True)),
                ("d2", models.DateTimeField(null=True)),
                ("d3", models.DateTimeField(null=True)),
                ("d4", models.DateTimeField(null=True)),
                ("d5", models.DateTimeField(null=True)),
                ("d6", models.DateTimeField(null=True)),
                ("d7", models.DateTimeField(null=True)),
                ("d8", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=255)),
                ("website", models.CharField(default="", max_length=2048)),
                ("phone", models.CharField(default="", max_length=255)),
                (
                    "name_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "website_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "phone_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["company", "created_at", "id"], name="organization_created"),
                    models.Index(
                        condition=models.Q(("t1__isnull", False)),
                        fields=["company", "t1", "id"],
                        name="organization_t1",
                    ),
                    models.Index(
                        condition=models.Q(("t2__isnull", False)),
                        fields=["company", "t2", "id"],
                        name="organization_t2",
                    ),
                    models.Index(
                        condition=models.Q(("t3__isnull", False)),
                        fields=["company", "t3", "id"],
                        name="organization_t3",
                    ),
                    models.Index(
                        condition=models.Q(("t4__isnull", False)),
                        fields=["company", "t4", "id"],
                        name="organization_t4",
                    ),
                    models.Index(
                        condition=models.Q(("t5__isnull", False)),
                        fields=["company", "t5", "id"],
                        name="organization_t5",
                    ),
                    models.Index(
                        condition=models.Q(("t6__isnull", False)),
                        fields=["company", "t6", "id"],
                        name="organization_t6",
                    ),
                    models.Index(
                        condition=models.Q(("t7__isnull", False)),
                        fields=["company", "t7", "id"],
                        name="organization_t7",
                    ),
                    models.Index(
                        condition=models.Q(("t8__isnull", False)),
                        fields=["company", "t8", "id"],
                        name="organization_t8",
                    ),
                    models.Index(
                        condition=models.Q(("t9__isnull", False)),
                        fields=["company", "t9", "id"],
                        name="organization_t9",
                    ),
                    models.Index(
                        condition=models.Q(("t10__isnull", False)),
                        fields=["company", "t10", "id"],
                        name="organization_t10",
                    ),
                    models.Index(
                        condition=models.Q(("t11__isnull", False)),
                        fields=["company", "t11", "id"],
                        name="organization_t11",
                    ),
                    models.Index(
                        condition=models.Q(("t12__isnull", False)),
                        fields=["company", "t12", "id"],
                        name="organization_t12",
                    ),
                    models.Index(
                        condition=models.Q(("n1__isnull", False)),
                        fields=["company", "n1", "id"],
                        name="organization_n1",
                    ),
                    models.Index(
                        condition=models.Q(("n2__isnull", False)),
                        fields=["company", "n2", "id"],
                        name="organization_n2",
                    ),
                    models.Index(
                        condition=models.Q(("n3__isnull", False)),
                        fields=["company", "n3", "id"],
                        name="organization_n3",
                    ),
                    models.Index(
                        condition=models.Q(("n4__isnull", False)),
                        fields=["company", "n4", "id"],
                        name="organization_n4",
                    ),
                    models.Index(
                        condition=models.Q(("n5__isnull", False)),
                        fields=["company", "n5", "id"],
                        name="organization_n5",
                    ),
                    models.Index(
                        condition=models.Q(("n6__isnull", False)),
                        fields=["company", "n6", "id"],
                        name="organization_n6",
                    ),
                    models.Index(
                        condition=models.Q(("n7__isnull", False)),
                        fields=["company", "n7", "id"],
                        name="organization_n7",
                    ),
                    models.Index(
                        condition=models.Q(("n8__isnull", False)),
                        fields=["company", "n8", "id"],
                        name="organization_n8",
                    ),
                    models.Index(
                        condition=models.Q(("d1__isnull", False)),
                        fields=["company", "d1", "id"],
                        name="organization_d1",
                    ),
                    models.Index(
                        condition=models.Q(("d2__isnull", False)),
                        fields=["company", "d2", "id"],
                        name="organization_d2",
                    ),
                    models.Index(
                        condition=models.Q(("d3__isnull", False)),
                        fields=["company", "d3", "id"],
                        name="organization_d3",
                    ),
                    models.Index(
                        condition=models.Q(("d4__isnull", False)),
                        fields=["company", "d4", "id"],
                        name="organization_d4",
                    ),
                    models.Index(
                        condition=models.Q(("d5__isnull", False)),
                        fields=["company", "d5", "id"],
                        name="organization_d5",
                    ),
                    models.Index(
                        condition=models.Q(("d6__isnull", False)),
                        fields=["company", "d6", "id"],
                        name="organization_d6",
                    ),
                    models.Index(
                        condition=models.Q(("d7__isnull", False)),
                        fields=["company", "d7", "id"],
                        name="organization_d7",
                    ),
                    models.Index(
                        condition=models.Q(("d8__isnull", False)),
                        fields=["company", "d8", "id"],
                        name="organization_d8",
                    ),
                    models.Index(fields=["company", "name_key", "id"], name="organization_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactOrganization",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.contact",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organization", "contact"], name="contactorganization_back")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contact", "organization"), name="contactorganization_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganizationDeal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.deal",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.organization",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["deal", "organization"], name="organizationdeal_back")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "deal"), name="organizationdeal_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganizationUser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignees",
                        to="crm.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["user", "record"], name="organizationuser_user")],
                "constraints": [
                    models.UniqueConstraint(fields=("record", "user"), name="organizationuser_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("notes", models.TextField(default="")),
                ("custom", models.JSONField(default=dict)),
                ("t1", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t2", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t3", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t4", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t5", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t6", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t7", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t8", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t9", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t10", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t11", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t12", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("n1", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n2", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n3", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n4", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n5", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n6", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n7", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n8", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("d1", models.DateTimeField(null=True)),
                ("d2", models.DateTimeField(null=True)),
                ("d3", models.DateTimeField(null=True)),
                ("d4", models.DateTimeField(null=True)),
                ("d5", models.DateTimeField(null=True)),
                ("d6", models.DateTimeField(null=True)),
                ("d7", models.DateTimeField(null=True)),
                ("d8", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=255)),
                ("amount", models.DecimalField(decimal_places=4, default=0, max_digits=15)),
                ("currency", models.CharField(max_length=3)),
                ("sku", models.CharField(default="", max_length=255)),
                (
                    "name_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "sku_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["company", "created_at", "id"], name="service_created"),
                    models.Index(
                        condition=models.Q(("t1__isnull", False)),
                        fields=["company", "t1", "id"],
                        name="service_t1",
                    ),
                    models.Index(
                        condition=models.Q(("t2__isnull", False)),
                        fields=["company", "t2", "id"],
                        name="service_t2",
                    ),
                    models.Index(
                        condition=models.Q(("t3__isnull", False)),
                        fields=["company", "t3", "id"],
                        name="service_t3",
                    ),
                    models.Index(
                        condition=models.Q(("t4__isnull", False)),
                        fields=["company", "t4", "id"],
                        name="service_t4",
                    ),
                    models.Index(
                        condition=models.Q(("t5__isnull", False)),
                        fields=["company", "t5", "id"],
                        name="service_t5",
                    ),
                    models.Index(
                        condition=models.Q(("t6__isnull", False)),
                        fields=["company", "t6", "id"],
                        name="service_t6",
                    ),
                    models.Index(
                        condition=models.Q(("t7__isnull", False)),
                        fields=["company", "t7", "id"],
                        name="service_t7",
                    ),
                    models.Index(
                        condition=models.Q(("t8__isnull", False)),
                        fields=["company", "t8", "id"],
                        name="service_t8",
                    ),
                    models.Index(
                        condition=models.Q(("t9__isnull", False)),
                        fields=["company", "t9", "id"],
                        name="service_t9",
                    ),
                    models.Index(
                        condition=models.Q(("t10__isnull", False)),
                        fields=["company", "t10", "id"],
                        name="service_t10",
                    ),
                    models.Index(
                        condition=models.Q(("t11__isnull", False)),
                        fields=["company", "t11", "id"],
                        name="service_t11",
                    ),
                    models.Index(
                        condition=models.Q(("t12__isnull", False)),
                        fields=["company", "t12", "id"],
                        name="service_t12",
                    ),
                    models.Index(
                        condition=models.Q(("n1__isnull", False)),
                        fields=["company", "n1", "id"],
                        name="service_n1",
                    ),
                    models.Index(
                        condition=models.Q(("n2__isnull", False)),
                        fields=["company", "n2", "id"],
                        name="service_n2",
                    ),
                    models.Index(
                        condition=models.Q(("n3__isnull", False)),
                        fields=["company", "n3", "id"],
                        name="service_n3",
                    ),
                    models.Index(
                        condition=models.Q(("n4__isnull", False)),
                        fields=["company", "n4", "id"],
                        name="service_n4",
                    ),
                    models.Index(
                        condition=models.Q(("n5__isnull", False)),
                        fields=["company", "n5", "id"],
                        name="service_n5",
                    ),
                    models.Index(
                        condition=models.Q(("n6__isnull", False)),
                        fields=["company", "n6", "id"],
                        name="service_n6",
                    ),
                    models.Index(
                        condition=models.Q(("n7__isnull", False)),
                        fields=["company", "n7", "id"],
                        name="service_n7",
                    ),
                    models.Index(
                        condition=models.Q(("n8__isnull", False)),
                        fields=["company", "n8", "id"],
                        name="service_n8",
                    ),
                    models.Index(
                        condition=models.Q(("d1__isnull", False)),
                        fields=["company", "d1", "id"],
                        name="service_d1",
                    ),
                    models.Index(
                        condition=models.Q(("d2__isnull", False)),
                        fields=["company", "d2", "id"],
                        name="service_d2",
                    ),
                    models.Index(
                        condition=models.Q(("d3__isnull", False)),
                        fields=["company", "d3", "id"],
                        name="service_d3",
                    ),
                    models.Index(
                        condition=models.Q(("d4__isnull", False)),
                        fields=["company", "d4", "id"],
                        name="service_d4",
                    ),
                    models.Index(
                        condition=models.Q(("d5__isnull", False)),
                        fields=["company", "d5", "id"],
                        name="service_d5",
                    ),
                    models.Index(
                        condition=models.Q(("d6__isnull", False)),
                        fields=["company", "d6", "id"],
                        name="service_d6",
                    ),
                    models.Index(
                        condition=models.Q(("d7__isnull", False)),
                        fields=["company", "d7", "id"],
                        name="service_d7",
                    ),
                    models.Index(
                        condition=models.Q(("d8__isnull", False)),
                        fields=["company", "d8", "id"],
                        name="service_d8",
                    ),
                    models.Index(fields=["company", "name_key", "id"], name="service_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DealLine",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("service_name", models.CharField(max_length=255)),
                ("quantity", models.DecimalField(decimal_places=4, default=0, max_digits=15)),
                ("unit_price", models.DecimalField(decimal_places=4, default=0, max_digits=15)),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.deal",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.service",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["service", "deal"], name="dealline_back")],
                "constraints": [models.UniqueConstraint(fields=("deal", "service"), name="dealline_unique")],
            },
        ),
        migrations.CreateModel(
            name="ServiceUser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignees",
                        to="crm.service",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["user", "record"], name="serviceuser_user")],
                "constraints": [
                    models.UniqueConstraint(fields=("record", "user"), name="serviceuser_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=customermates.kernel.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("notes", models.TextField(default="")),
                ("custom", models.JSONField(default=dict)),
                ("t1", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t2", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t3", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t4", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t5", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t6", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t7", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t8", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t9", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t10", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t11", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("t12", customermates.kernel.fields.KeyField(editable=False, max_length=200, null=True)),
                ("n1", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n2", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n3", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n4", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n5", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n6", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n7", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("n8", models.DecimalField(decimal_places=4, max_digits=15, null=True)),
                ("d1", models.DateTimeField(null=True)),
                ("d2", models.DateTimeField(null=True)),
                ("d3", models.DateTimeField(null=True)),
                ("d4", models.DateTimeField(null=True)),
                ("d5", models.DateTimeField(null=True)),
                ("d6", models.DateTimeField(null=True)),
                ("d7", models.DateTimeField(null=True)),
                ("d8", models.DateTimeField(null=True)),
                ("name", models.CharField(max_length=255)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done")], default="open", max_length=10
                    ),
                ),
                ("completed_at", models.DateTimeField(null=True)),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")],
                        default="normal",
                        max_length=10,
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[("custom", "Custom"), ("system", "System")], default="custom", max_length=10
                    ),
                ),
                (
                    "name_key",
                    customermates.kernel.fields.KeyField(
                        default=None, editable=False, max_length=200, null=True
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.company"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["company", "created_at", "id"], name="task_created"),
                    models.Index(
                        condition=models.Q(("t1__isnull", False)),
                        fields=["company", "t1", "id"],
                        name="task_t1",
                    ),
                    models.Index(
                        condition=models.Q(("t2__isnull", False)),
                        fields=["company", "t2", "id"],
                        name="task_t2",
                    ),
                    models.Index(
                        condition=models.Q(("t3__isnull", False)),
                        fields=["company", "t3", "id"],
                        name="task_t3",
                    ),
                    models.Index(
                        condition=models.Q(("t4__isnull", False)),
                        fields=["company", "t4", "id"],
                        name="task_t4",
                    ),
                    models.Index(
                        condition=models.Q(("t5__isnull", False)),
                        fields=["company", "t5", "id"],
                        name="task_t5",
                    ),
                    models.Index(
                        condition=models.Q(("t6__isnull", False)),
                        fields=["company", "t6", "id"],
                        name="task_t6",
                    ),
                    models.Index(
                        condition=models.Q(("t7__isnull", False)),
                        fields=["company", "t7", "id"],
                        name="task_t7",
                    ),
                    models.Index(
                        condition=models.Q(("t8__isnull", False)),
                        fields=["company", "t8", "id"],
                        name="task_t8",
                    ),
                    models.Index(
                        condition=models.Q(("t9__isnull", False)),
                        fields=["company", "t9", "id"],
                        name="task_t9",
                    ),
                    models.Index(
                        condition=models.Q(("t10__isnull", False)),
                        fields=["company", "t10", "id"],
                        name="task_t10",
                    ),
                    models.Index(
                        condition=models.Q(("t11__isnull", False)),
                        fields=["company", "t11", "id"],
                        name="task_t11",
                    ),
                    models.Index(
                        condition=models.Q(("t12__isnull", False)),
                        fields=["company", "t12", "id"],
                        name="task_t12",
                    ),
                    models.Index(
                        condition=models.Q(("n1__isnull", False)),
                        fields=["company", "n1", "id"],
                        name="task_n1",
                    ),
                    models.Index(
                        condition=models.Q(("n2__isnull", False)),
                        fields=["company", "n2", "id"],
                        name="task_n2",
                    ),
                    models.Index(
                        condition=models.Q(("n3__isnull", False)),
                        fields=["company", "n3", "id"],
                        name="task_n3",
                    ),
                    models.Index(
                        condition=models.Q(("n4__isnull", False)),
                        fields=["company", "n4", "id"],
                        name="task_n4",
                    ),
                    models.Index(
                        condition=models.Q(("n5__isnull", False)),
                        fields=["company", "n5", "id"],
                        name="task_n5",
                    ),
                    models.Index(
                        condition=models.Q(("n6__isnull", False)),
                        fields=["company", "n6", "id"],
                        name="task_n6",
                    ),
                    models.Index(
                        condition=models.Q(("n7__isnull", False)),
                        fields=["company", "n7", "id"],
                        name="task_n7",
                    ),
                    models.Index(
                        condition=models.Q(("n8__isnull", False)),
                        fields=["company", "n8", "id"],
                        name="task_n8",
                    ),
                    models.Index(
                        condition=models.Q(("d1__isnull", False)),
                        fields=["company", "d1", "id"],
                        name="task_d1",
                    ),
                    models.Index(
                        condition=models.Q(("d2__isnull", False)),
                        fields=["company", "d2", "id"],
                        name="task_d2",
                    ),
                    models.Index(
                        condition=models.Q(("d3__isnull", False)),
                        fields=["company", "d3", "id"],
                        name="task_d3",
                    ),
                    models.Index(
                        condition=models.Q(("d4__isnull", False)),
                        fields=["company", "d4", "id"],
                        name="task_d4",
                    ),
                    models.Index(
                        condition=models.Q(("d5__isnull", False)),
                        fields=["company", "d5", "id"],
                        name="task_d5",
                    ),
                    models.Index(
                        condition=models.Q(("d6__isnull", False)),
                        fields=["company", "d6", "id"],
                        name="task_d6",
                    ),
                    models.Index(
                        condition=models.Q(("d7__isnull", False)),
                        fields=["company", "d7", "id"],
                        name="task_d7",
                    ),
                    models.Index(
                        condition=models.Q(("d8__isnull", False)),
                        fields=["company", "d8", "id"],
                        name="task_d8",
                    ),
                    models.Index(fields=["company", "name_key", "id"], name="task_name"),
                    models.Index(fields=["company", "due_at", "id"], name="task_due"),
                    models.Index(fields=["company", "updated_at", "id"], name="task_updated"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceTask",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.service",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.task",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["task", "service"], name="servicetask_back")],
                "constraints": [
                    models.UniqueConstraint(fields=("service", "task"), name="servicetask_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganizationTask",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.organization",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.task",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["task", "organization"], name="organizationtask_back")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "task"), name="organizationtask_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="DealTask",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "deal",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.deal",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.task",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["task", "deal"], name="dealtask_back")],
                "constraints": [models.UniqueConstraint(fields=("deal", "task"), name="dealtask_unique")],
            },
        ),
        migrations.CreateModel(
            name="ContactTask",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.contact",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="crm.task",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["task", "contact"], name="contacttask_back")],
                "constraints": [
                    models.UniqueConstraint(fields=("contact", "task"), name="contacttask_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="TaskUser",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.company",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignees",
                        to="crm.task",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["user", "record"], name="taskuser_user")],
                "constraints": [models.UniqueConstraint(fields=("record", "user"), name="taskuser_unique")],
            },
        ),
    ]
