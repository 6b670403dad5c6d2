"""A policy version is never changed or deleted: the database itself refuses."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION authz_policyversion_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'policy versions are final: write another one' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER policyversion_is_final BEFORE UPDATE OR DELETE ON authz_policyversion
  FOR EACH ROW EXECUTE FUNCTION authz_policyversion_is_final();
"""

ALLOW = """
DROP TRIGGER policyversion_is_final ON authz_policyversion;
DROP FUNCTION authz_policyversion_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("authz", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
