"""Gunicorn's settings, the same for `make run` and for the image.

BIND, WEB_CONCURRENCY and WEB_THREADS come by environment.
"""

import os

from environs import Env, validate

env = Env()
at_least_one = validate.Range(min=1)

bind = env.str("BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = env.int("WEB_CONCURRENCY", 2, validate=at_least_one)
threads = env.int("WEB_THREADS", 4, validate=at_least_one)
timeout = 60
graceful_timeout = 20
# A worker is renewed now and then, not all at the same time: what leaks stays small.
max_requests = 5000
max_requests_jitter = 500
# In a container the heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True
# Neither addresses nor search terms of readers: method, path, status, bytes, milliseconds.
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)s ms"
