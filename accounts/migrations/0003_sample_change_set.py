from django.db import migrations, models


def remember(apps, schema_editor):
    """Companies that were given sample data before this was remembered: their events tell."""
    company, event = apps.get_model("accounts", "Company"), apps.get_model("accounts", "Event")
    loaded = event.objects.filter(via="system", user=None, reason="Sample data", name="contact.created")
    for pk, change_set in loaded.values_list("company", "change_set").distinct():
        company.objects.filter(pk=pk).update(sample_change_set=change_set)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_single_keys")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="sample_change_set",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
