# The service as an ordinary user of a slim image. Without QUALSVC_DATABASE_URL it keeps its own PostgreSQL in /data.
#   docker build -t qualsvc .
#   docker run -p 8000:8000 -v qualsvc:/data qualsvc
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /opt/qualsvc
# Packages change seldom: a layer of their own.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m pip install --require-hashes -r requirements/build.txt \
    && /opt/qualsvc/bin/pip install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY migrations migrations
COPY openapi openapi
COPY src src
RUN python -m hatchling build -t wheel -d dist \
    && /opt/qualsvc/bin/pip install --no-deps dist/*.whl

FROM python:3.13-slim
# The user needs its entry in /etc/passwd: PostgreSQL's initdb refuses a bare number.
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin qualsvc \
    && install -d -o qualsvc -g qualsvc -m 0711 /data
COPY --from=build /opt/qualsvc /opt/qualsvc
ENV PATH=/opt/qualsvc/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    QUALSVC_DATA_DIR=/data
USER qualsvc
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Alive is what a restart can mend; whether it is fit to answer is for /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["qualsvc", "serve", "--host", "0.0.0.0"]
CMD ["--port", "8000"]
