"""Starts nginx and gunicorn, as the program `serve` of the documents' container does.

python serve.py FOLDER PORT WORKERS MODEL
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log off;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  upstream gunicorn {{ server unix:{folder}/gunicorn.sock; }}
  server {{
    listen {port} deferred;
    client_max_body_size 5m;
    # The documents' file has the default, 1,000: the load generator would count the end of a connection as an error.
    keepalive_requests 1000000;
    keepalive_timeout 5;
    proxy_read_timeout 300s;
    location ~ ^/(ping|invocations) {{
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header Host $http_host;
      proxy_redirect off;
      proxy_pass http://gunicorn;
    }}
    location / {{ return 404 "{{}}"; }}
  }}
}}
"""


def main(folder: Path, port: str, workers: str, model: str) -> None:
    """Run both until SIGTERM, or until one of them ends."""
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port))
    nginx = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", configuration])
    program = "predictor:app" if model == "iris" else "pictures:app"
    address = f"unix:{folder}/gunicorn.sock"
    gunicorn = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--timeout", "60", "-k", "gevent"),
            *("-b", address, "-w", workers, program),
        ]
    )

    def stop(*_: object) -> None:
        nginx.send_signal(signal.SIGQUIT)
        gunicorn.terminate()

    signal.signal(signal.SIGTERM, stop)
    os.wait()
    stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
