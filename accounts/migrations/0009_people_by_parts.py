"""An index over the parts of names, addresses and phone numbers, built while the service runs. See ADR 0200.

The function gives every three characters that follow one another, and the first one and two of each word of the name
and of the address behind a caret: what `UserQuerySet.search` asks for.
"""

from django.db import migrations

PARTS = """
CREATE FUNCTION accounts_person_parts(name text, email text, phone text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 AS $$
DECLARE
  value text;
  parts text[] := '{}';
BEGIN
  FOREACH value IN ARRAY ARRAY[upper(name), upper(email), phone] LOOP
    FOR place IN 1 .. length(value) - 2 LOOP
      parts := parts || substr(value, place, 3);
    END LOOP;
  END LOOP;
  FOREACH value IN ARRAY string_to_array(upper(name), ' ') || upper(email) LOOP
    parts := parts || ('^' || substr(value, 1, 1)) || ('^' || substr(value, 1, 2));
  END LOOP;
  RETURN parts;
END
$$;
"""
INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS user_by_parts ON accounts_user
 USING gin (accounts_person_parts(name, email, phone))
"""


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('accounts', '0008_session_indexes'),
    ]

    operations = [
        migrations.RunSQL(
            'DROP FUNCTION IF EXISTS accounts_person_parts(text, text, text);' + PARTS,
            'DROP FUNCTION IF EXISTS accounts_person_parts(text, text, text)',
        ),
        migrations.RunSQL(INDEX, 'DROP INDEX CONCURRENTLY IF EXISTS user_by_parts'),
        # The planner knows how often each part comes from the statistics of the index.
        migrations.RunSQL('ANALYZE accounts_user', migrations.RunSQL.noop),
    ]
