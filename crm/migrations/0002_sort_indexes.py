from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('crm', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['company', 'updated_at', 'id'], name='contact_updated'),
        ),
        migrations.AddIndex(
            model_name='deal',
            index=models.Index(fields=['company', 'updated_at', 'id'], name='deal_updated'),
        ),
        migrations.AddIndex(
            model_name='deal',
            index=models.Index(fields=['company', 'weighted_value', 'id'], name='deal_weighted_value'),
        ),
        migrations.AddIndex(
            model_name='deal',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['company', 'closed_at', 'id'], name='deal_closed'),
        ),
        migrations.AddIndex(
            model_name='organization',
            index=models.Index(fields=['company', 'updated_at', 'id'], name='organization_updated'),
        ),
        migrations.AddIndex(
            model_name='service',
            index=models.Index(fields=['company', 'updated_at', 'id'], name='service_updated'),
        ),
    ]
