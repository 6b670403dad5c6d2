"""What trying a draft on recorded decisions came to, and whom it would concern."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('authz', '0008_policy_drafts'),
        ('jobs', '0001_job'),
    ]

    operations = [
        migrations.CreateModel(
            name='DraftEffect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=256, verbose_name='subject')),
                ('newly_denied', models.PositiveIntegerField(default=0, verbose_name='newly denied')),
                ('newly_allowed', models.PositiveIntegerField(default=0, verbose_name='newly allowed')),
                ('examples', models.JSONField(default=list, verbose_name='examples')),
            ],
            options={
                'verbose_name': 'effect of a draft',
                'verbose_name_plural': 'effects of drafts',
            },
        ),
        migrations.AddField(
            model_name='policydraft',
            name='found',
            field=models.JSONField(editable=False, null=True, verbose_name='found'),
        ),
        migrations.AddField(
            model_name='policydraft',
            name='job',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='policy_draft', to='jobs.job'),
        ),
        migrations.AddField(
            model_name='policydraft',
            name='tried_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='tried'),
        ),
        migrations.AddConstraint(
            model_name='policydraft',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('found__isnull', True), ('tried_at', None)), models.Q(('found__isnull', False), ('tried_at__isnull', False)), _connector='OR'), name='policydraft_found_when_tried'),
        ),
        migrations.AddField(
            model_name='drafteffect',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='effects', to='authz.policydraft'),
        ),
        migrations.AddIndex(
            model_name='drafteffect',
            index=models.Index(fields=['subject'], name='drafteffect_subject'),
        ),
        migrations.AddConstraint(
            model_name='drafteffect',
            constraint=models.UniqueConstraint(fields=('draft', 'subject'), name='drafteffect_once'),
        ),
    ]
