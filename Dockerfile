FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

# What PDFs need; the same below every Python stage.
FROM python:3.12-slim-bookworm AS base
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/app/var
WORKDIR /app

FROM base AS build
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY . .
COPY --from=assets /app/node_modules node_modules
# The key is needed to start Django, used for nothing, and gone with this line. What root makes here the portal's
# own user must be able to read; the file broker it makes anew where it is needed.
RUN export SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    && python manage.py fonts \
    && python manage.py collectstatic --noinput \
    && python -m compileall -q . \
    && rm -r var/broker \
    && chmod -R a+rX var

FROM base
LABEL org.opencontainers.image.title="Lüner Dialog" org.opencontainers.image.licenses="EUPL-1.2"
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# The program belongs to root; its own user writes below var/ only.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin dialog \
    && install -d -o dialog -g dialog var var/media
USER 10001:10001
ENV BIND=0.0.0.0:8000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["luener_dialog/bin/entrypoint", "health", "web"]
ENTRYPOINT ["luener_dialog/bin/entrypoint"]
CMD ["web"]
