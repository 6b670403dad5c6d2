"""Changes of address that wait or can be taken back, and the tokens and the end of sessions that they bring."""

import config.ids
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

# The release before knows neither this end of a session nor what these tokens are for.
GIVE_BACK = """
UPDATE accounts_session SET end_reason = 'revoked' WHERE end_reason = 'email_change';
DELETE FROM accounts_singleusetoken WHERE purpose IN ('email_change', 'email_change_disowning');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_people_by_parts'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='session',
            options={'ordering': ['-id'], 'verbose_name': 'session', 'verbose_name_plural': 'sessions'},
        ),
        migrations.CreateModel(
            name='EmailChange',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('old_email', models.EmailField(max_length=254, verbose_name='old address')),
                ('new_email', models.EmailField(max_length=254, verbose_name='new address')),
                ('state', models.CharField(choices=[('asked', 'waits for the new address'), ('confirmed', 'confirmed'), ('ended', 'withdrawn, replaced or refused'), ('restored', 'taken back from the old address')], default='asked', max_length=16, verbose_name='state')),
                ('expires_at', models.DateTimeField(verbose_name='good until')),
                ('restorable_until', models.DateTimeField(null=True, verbose_name='taken back until')),
                ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.session')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='email_changes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [
                    models.Index(fields=['user', '-id'], name='email_change_by_user'),
                    models.Index(fields=['created_at'], name='email_change_by_age'),
                    models.Index(django.db.models.functions.text.Lower('old_email'), condition=models.Q(('state', 'confirmed')), name='email_change_away_from'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'confirmed', 'ended', 'restored'])), name='email_change_state_known'),
                    models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('user',), name='email_change_one_waits'),
                    models.CheckConstraint(condition=models.Q(models.Q(('restorable_until__isnull', False), ('state__in', ['confirmed', 'restored'])), models.Q(('restorable_until', None), ('state__in', ['asked', 'ended'])), _connector='OR'), name='email_change_restorable_once_made'),
                ],
            },
        ),
        migrations.AlterField(
            model_name='session',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('logout', 'signed out'), ('revoked', 'ended from another device or by staff'), ('reuse', 'a used refresh token came again'), ('password_change', 'the password was changed'), ('password_reset', 'the password was reset'), ('email_change', 'the e-mail address was changed'), ('factor_reset', 'lost second factors were reset'), ('suspended', 'the account was suspended'), ('deactivated', 'the account was deactivated'), ('idle', 'it was not used for too long'), ('expired', 'it ran out'), ('limit', 'newer sessions took its place'), ('disowned', 'the person said that it was not theirs')], max_length=16, verbose_name='why it ended'),
        ),
        migrations.AlterField(
            model_name='singleusetoken',
            name='purpose',
            field=models.CharField(choices=[('email_verification', 'Email Verification'), ('password_reset', 'Password Reset'), ('second_factor', 'Second Factor'), ('console_sign_in', 'Console Sign In'), ('reopening', 'Reopening'), ('handoff', 'Handoff'), ('sign_in_approval', 'Sign In Approval'), ('session_disowning', 'Session Disowning'), ('email_change', 'Email Change'), ('email_change_disowning', 'Email Change Disowning')], max_length=24),
        ),
        migrations.RemoveConstraint(
            model_name='session',
            name='session_end_has_reason',
        ),
        AddConstraintNotValid(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('ended_at', None)), models.Q(('end_reason__in', ['logout', 'revoked', 'reuse', 'password_change', 'password_reset', 'email_change', 'factor_reset', 'suspended', 'deactivated', 'idle', 'expired', 'limit', 'disowned']), ('ended_at__isnull', False)), _connector='OR'), name='session_end_has_reason'),
        ),
        migrations.RemoveConstraint(
            model_name='singleusetoken',
            name='single_use_token_purpose_known',
        ),
        AddConstraintNotValid(
            model_name='singleusetoken',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['email_verification', 'password_reset', 'second_factor', 'console_sign_in', 'reopening', 'handoff', 'sign_in_approval', 'session_disowning', 'email_change', 'email_change_disowning'])), name='single_use_token_purpose_known'),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, GIVE_BACK),
    ]
