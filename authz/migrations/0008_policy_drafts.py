"""Drafts of policies: kept while staff try them."""

import config.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('authz', '0007_stamps_by_transaction'),
    ]

    operations = [
        migrations.CreateModel(
            name='PolicyDraft',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('document', models.JSONField(verbose_name='document')),
                ('based_on', models.PositiveIntegerField(blank=True, null=True, verbose_name='begun from version')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('created_by', models.CharField(help_text='user:usr_…', max_length=200, verbose_name='by')),
                ('policy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='authz.policy', verbose_name='policy')),
            ],
            options={
                'verbose_name': 'policy draft',
                'verbose_name_plural': 'policy drafts',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['created_at'], name='policydraft_created')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('based_on', None), ('policy', None)), models.Q(('based_on__isnull', False), ('policy__isnull', False)), _connector='OR'), name='policydraft_begun_from_a_version')],
            },
        ),
    ]
