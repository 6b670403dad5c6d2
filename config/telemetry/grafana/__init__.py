"""Grafana's dashboards, made from code: `manage.py grafana_dashboards`."""
