"""Where a session began and how risky that was, new reasons for its end, and sign-ins that were stopped.

Columns come with defaults of the database's own, so that processes of the release before go on writing rows.
"""

import config.ids
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# The release before knows neither these ends of a session nor what these tokens are for.
GIVE_BACK = """
UPDATE accounts_session SET end_reason = 'revoked' WHERE end_reason IN ('idle', 'expired', 'limit', 'disowned');
DELETE FROM accounts_singleusetoken WHERE purpose IN ('sign_in_approval', 'session_disowning');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_google_sign_in'),
    ]

    operations = [
        migrations.CreateModel(
            name='BlockedSignIn',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('device_fingerprint', models.CharField(blank=True, max_length=128)),
                ('user_agent', models.CharField(blank=True, max_length=512, verbose_name='user agent')),
                ('ip', models.GenericIPAddressField(blank=True, null=True, verbose_name='address')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('risk_score', models.PositiveSmallIntegerField(verbose_name='risk')),
                ('risk_signals', models.JSONField(default=list, verbose_name='risk signals')),
                ('approved_until', models.DateTimeField(blank=True, null=True, verbose_name='approved until')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocked_sign_ins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['user', '-id'], name='blocked_sign_in_by_user'),
                    models.Index(fields=['created_at'], name='blocked_sign_in_by_age'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('risk_score__lte', 100)), name='blocked_sign_in_score_range'),
                ],
            },
        ),
        migrations.AddField(
            model_name='session',
            name='asn',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='network (AS number)'),
        ),
        migrations.AddField(
            model_name='session',
            name='city',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='city'),
        ),
        migrations.AddField(
            model_name='session',
            name='country',
            field=models.CharField(blank=True, db_default='', default='', max_length=2, verbose_name='country'),
        ),
        migrations.AddField(
            model_name='session',
            name='risk_score',
            field=models.SmallIntegerField(blank=True, null=True, verbose_name='risk'),
        ),
        migrations.AddField(
            model_name='session',
            name='risk_signals',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='risk signals'),
        ),
        migrations.AlterField(
            model_name='session',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('logout', 'signed out'), ('revoked', 'ended from another device or by staff'), ('reuse', 'a used refresh token came again'), ('password_change', 'the password was changed'), ('password_reset', 'the password was reset'), ('factor_reset', 'lost second factors were reset'), ('suspended', 'the account was suspended'), ('deactivated', 'the account was deactivated'), ('idle', 'it was not used for too long'), ('expired', 'it ran out'), ('limit', 'newer sessions took its place'), ('disowned', 'the person said that it was not theirs')], max_length=16, verbose_name='why it ended'),
        ),
        migrations.AlterField(
            model_name='singleusetoken',
            name='purpose',
            field=models.CharField(choices=[('email_verification', 'Email Verification'), ('password_reset', 'Password Reset'), ('second_factor', 'Second Factor'), ('console_sign_in', 'Console Sign In'), ('reopening', 'Reopening'), ('handoff', 'Handoff'), ('sign_in_approval', 'Sign In Approval'), ('session_disowning', 'Session Disowning')], max_length=24),
        ),
        migrations.RemoveConstraint(
            model_name='session',
            name='session_end_has_reason',
        ),
        AddConstraintNotValid(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at', None)), models.Q(('end_reason__in', ['logout', 'revoked', 'reuse', 'password_change', 'password_reset', 'factor_reset', 'suspended', 'deactivated', 'idle', 'expired', 'limit', 'disowned']), ('ended_at__isnull', False)), _connector='OR'), name='session_end_has_reason'),
        ),
        AddConstraintNotValid(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('risk_score', None), ('risk_score__range', (0, 100)), _connector='OR'), name='session_risk_score_range'),
        ),
        migrations.RemoveConstraint(
            model_name='singleusetoken',
            name='single_use_token_purpose_known',
        ),
        AddConstraintNotValid(
            model_name='singleusetoken',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['email_verification', 'password_reset', 'second_factor', 'console_sign_in', 'reopening', 'handoff', 'sign_in_approval', 'session_disowning'])), name='single_use_token_purpose_known'),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, GIVE_BACK),
    ]
