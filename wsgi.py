"""What a WSGI server loads: `gunicorn wsgi:app`."""

from redbag.app import create_app

app = create_app()
