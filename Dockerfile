# One image for every role, which the command chooses: `whale-assets …`, `dagster-webserver …`, `dagster-daemon run …`.
# Its packages are exactly those of constraints.txt. BASE is any Debian with Python 3.11, 3.12 or 3.13 and its venv.
ARG BASE=docker.io/library/python:3.13-slim

FROM ${BASE} AS build
RUN python3 -m venv /opt/whale
WORKDIR /build
COPY constraints.txt .
RUN /opt/whale/bin/pip install --no-cache-dir --no-deps --require-hashes --requirement constraints.txt
COPY pyproject.toml README.md ./
COPY whale_assets whale_assets
RUN /opt/whale/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM ${BASE}
COPY --from=build /opt/whale /opt/whale
COPY deploy/dagster.yaml deploy/workspace.yaml /opt/dagster/
# Whoever the container runs as may write into these folders: compose runs it as the owner of the secrets.
RUN useradd --system --uid 10001 --home-dir /var/lib/whale whale \
    && install -d -m 1777 /var/lib/whale /opt/dagster /opt/dagster/storage
ENV PATH=/opt/whale/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    HOME=/var/lib/whale \
    DAGSTER_HOME=/opt/dagster \
    WHALE_LAKE=/var/lib/whale/lake
WORKDIR /var/lib/whale
USER whale
STOPSIGNAL SIGTERM
CMD ["whale-assets", "--help"]
