# One image for every process of the service: `docker run … gatehouse web|worker|beat|relay|webhooks|manage …`.
# BASE_IMAGE is to be given with its digest for a release: docs/operators/deploy.md, "Pin what it is made of".
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BASE_IMAGE} AS base
# The time of all that is newer: what a build makes is then the same every time (SOURCE_DATE_EPOCH of the commit).
ARG SOURCE_DATE_EPOCH=0
ENV DEBIAN_FRONTEND=noninteractive \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN apt-get update \
    && apt-get upgrade --yes \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && apt-get clean \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*

FROM base AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
WORKDIR /opt/gatehouse
COPY requirements/base.txt requirements/
# Wheels alone, each with its hash: nothing is compiled and nothing of others runs while the image is built.
# A mirror of the registry, and who vouches for it, are given as secrets, so that they are not in the image:
# --secret id=pip,src=pip.conf --secret id=ca,src=ca.crt (the second is /run/secrets/ca, for `cert` in the first).
RUN --mount=type=secret,id=pip,target=/etc/pip.conf --mount=type=secret,id=ca \
    python3 -m venv --without-pip .venv \
    && python3 -m venv /tmp/pip \
    && /tmp/pip/bin/pip --python .venv/bin/python install --quiet --no-cache-dir --disable-pip-version-check \
        --require-hashes --no-deps --only-binary :all: --no-compile -r requirements/base.txt \
    && rm -rf /tmp/pip
COPY . .
# Byte code that is believed without a look at its source, as the file system is read-only.
RUN DJANGO_SETTINGS_MODULE=config.settings.build .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && .venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash . \
    && mv deploy/image/gatehouse /usr/local/bin/gatehouse \
    && rm -rf deploy requirements

FROM base AS service
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Gatehouse" \
      org.opencontainers.image.description="The user service of a trading platform" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nothing in the image can become root, and what it could be done with is gone.
RUN groupadd --system --gid 10001 gatehouse \
    && useradd --system --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin gatehouse \
    && find / -xdev -perm /6000 -type f -exec chmod a-s {} + \
    && rm -f /usr/bin/apt* /usr/bin/dpkg /var/log/*.log \
    # Where a volume of archives goes and the tmpfs, whoever the container runs as. Some runtimes give a tmpfs the mode of
    # what is below it, at the latest when a container starts again.
    && install --directory --mode 1777 /var/lib/gatehouse/archives /run/gatehouse
COPY --from=build /usr/local/bin/gatehouse /usr/local/bin/gatehouse
COPY --from=build /opt/gatehouse /opt/gatehouse
WORKDIR /opt/gatehouse
ENV PATH=/opt/gatehouse/.venv/bin:/usr/local/bin:/usr/bin:/bin \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    PROMETHEUS_MULTIPROC_DIR=/run/gatehouse/metrics \
    HEARTBEAT_FILE=/run/gatehouse/heartbeat \
    ARCHIVE_DIR=/var/lib/gatehouse/archives \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=192 \
    GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1048576:glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1
USER 10001:10001
EXPOSE 8000 9100
STOPSIGNAL SIGTERM
# /run/gatehouse and /tmp are to be tmpfs; all else is read-only.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["gatehouse", "healthy"]
ENTRYPOINT ["gatehouse"]
CMD ["web"]
