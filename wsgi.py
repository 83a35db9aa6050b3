"""What a WSGI server loads: `gunicorn wsgi:app`."""

from redbag.app import compile_pages, create_app

app = create_app()
compile_pages(app)
